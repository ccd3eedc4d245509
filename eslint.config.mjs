import js from "@eslint/js";
import tseslint from "typescript-eslint";

function globals(...names) {
  return Object.fromEntries(names.map((name) => [name, "readonly"]));
}

export default tseslint.config(
  { ignores: ["js/src/protocol.gen.ts"] },
  js.configs.recommended,
  {
    files: ["js/**/*.ts", "js/**/*.tsx"],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Untrusted text is everywhere: markup is only ever made by preact, which escapes it.
      "no-restricted-properties": [
        "error",
        ...["innerHTML", "outerHTML", "insertAdjacentHTML"].map((property) => ({ property })),
      ],
      "no-restricted-syntax": ["error", { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "Show data as text." }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      eqeqeq: "error",
    },
  },
  { files: ["js/build.mjs"], languageOptions: { globals: globals("console", "process", "URL") } },
);
