/** What became of a text with `${…}` in it. */
type Filled = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string };

const pattern = /\$(?:\$|\{([^}]*)(\}?))/g;
const reference = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/;

/** True if `fillIn` would look at something in it. */
export function hasVariables(text: string): boolean {
  return text.includes("${") || text.includes("$$");
}

/**
 * Fills in `${VAR}` and `${VAR:-default}` from the environment; `$$` is a dollar; any other dollar stays.
 * The default holds for a variable that is missing or empty, as in a POSIX shell; a missing one without a default is a fault.
 */
export function fillIn(text: string, env: NodeJS.ProcessEnv): Filled {
  let message: string | undefined;
  const filled = text.replace(
    pattern,
    (whole: string, inside: string | undefined, end: string | undefined) => {
      if (inside === undefined) return "$";
      const [, name, fallback] = reference.exec(inside) ?? [];
      if (name === undefined || end === "" || fallback?.includes("${") === true) {
        message ??= `"${whole}" is no variable: write \${NAME} or \${NAME:-default}, and $$ for a dollar`;
        return "";
      }
      const value = env[name];
      if (fallback !== undefined) return value === undefined || value === "" ? fallback : value;
      if (value === undefined)
        message ??= `the environment variable ${name} is not set; set it, or give a default: \${${name}:-default}`;
      return value ?? "";
    },
  );
  return message === undefined ? { ok: true, text: filled } : { ok: false, message };
}
