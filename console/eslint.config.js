import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const words = "Texts belong in src/strings/en.json.";

export default tseslint.config(
  { ignores: ["dist", "node_modules"] },
  ...tseslint.configs.recommended,
  {
    files: ["src/**/*.{ts,tsx}"],
    plugins: { "react-hooks": hooks },
    rules: {
      "react-hooks/rules-of-hooks": "error",
      "no-eval": "error",
      "no-restricted-syntax": [
        "error",
        { selector: "JSXText[value=/[A-Za-z]/]", message: words },
        {
          selector:
            "JSXAttribute[name.name=/^(label|title|placeholder|description|alt|aria-label)$/] > Literal[value=/[A-Za-z]/]",
          message: words,
        },
        {
          selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
          message: "Nothing from outside is ever mark-up.",
        },
      ],
    },
  },
);
