/** What a Jupyter page says about its server. */
interface PageConfig {
  baseUrl: string;
  token: string;
}

function pageConfig(): PageConfig | null {
  const element = document.getElementById("jupyter-config-data");
  if (!element?.textContent) return null;
  try {
    const data = JSON.parse(element.textContent) as Partial<PageConfig>;
    return typeof data.baseUrl === "string" ? { baseUrl: data.baseUrl, token: data.token ?? "" } : null;
  } catch {
    return null;
  }
}

/** Whether this page is served by a Jupyter server that can interrupt the kernel. */
export function canInterrupt(kernelId: string): boolean {
  return kernelId !== "" && pageConfig() !== null;
}

/**
 * Interrupt the kernel through the Jupyter server, as the toolbar's button does: this reaches a
 * kernel that is too busy for widget messages.
 *
 * Returns true when the server accepted it.
 */
export async function interruptKernel(kernelId: string): Promise<boolean> {
  const config = pageConfig();
  if (!config) return false;
  const base = config.baseUrl.endsWith("/") ? config.baseUrl : `${config.baseUrl}/`;
  const headers: Record<string, string> = {};
  const xsrf = /(?:^|;\s*)_xsrf=([^;]+)/.exec(document.cookie)?.[1];
  if (xsrf) headers["X-XSRFToken"] = decodeURIComponent(xsrf);
  if (config.token) headers.Authorization = `token ${config.token}`;
  try {
    const answer = await fetch(`${base}api/kernels/${encodeURIComponent(kernelId)}/interrupt`, {
      method: "POST",
      credentials: "same-origin",
      headers,
    });
    return answer.ok;
  } catch {
    return false;
  }
}
