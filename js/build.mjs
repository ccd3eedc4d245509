// Builds one bundle per widget into edsl_nb/widgets/static: the script and the style of each.
import { build } from "esbuild";
import { readFile, readdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";

// The script travels with every widget instance, and is saved with it.
const LIMIT = 80_000;
const source = new URL("./src/", import.meta.url);
const target = fileURLToPath(new URL("../edsl_nb/widgets/static/", import.meta.url));

await rm(target, { recursive: true, force: true });
await build({
  entryPoints: ["table", "progress", "job", "job_list", "transcript", "benchmark"].map((name) => fileURLToPath(new URL(`${name}.tsx`, source))),
  outdir: target,
  bundle: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  minify: !process.argv.includes("--readable"),
  legalComments: "none",
  logLevel: "warning",
});

for (const name of (await readdir(target)).sort()) {
  const size = (await readFile(target + name)).length;
  console.log(`${name} ${(size / 1000).toFixed(1)} kB`);
  if (size > LIMIT) {
    console.error(`${name} is larger than ${LIMIT / 1000} kB`);
    process.exitCode = 1;
  }
}
