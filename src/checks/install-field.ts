import * as z from "zod";

const pin = "(?:==|~=|>=|<=|!=|<|>)[A-Za-z0-9.*+!_-]+";

/** A distribution of Python, with extras and versions if wished. Source: PEP 508, without markers and URLs. */
const pythonRequirement = new RegExp(
  String.raw`^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?(?:\[[A-Za-z0-9,._-]+\])?(?:${pin}(?:,${pin})*)?$`,
);

const npmName = String.raw`(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~][a-z0-9._~-]*`;
const npmRequirement = new RegExp(
  String.raw`^(?:${npmName}(?:@[A-Za-z0-9.^~*<>=+_-]+)?|file:[^\0\n]+)$`,
  "i",
);
const npmNamed = new RegExp(`^(${npmName})(?:@.+)?$`, "i");

const pythonWords = { error: "is no requirement of pip: PyYAML, requests==2.32.3" };
const npmWords = { error: "is no package of npm: left-pad, left-pad@1.3.0, file:packages/left-pad.tgz" };

/** What `install` may install, by module; nothing else ever is, whatever a log says. */
export function installField() {
  return z
    .strictObject({
      python: z
        .union([
          z.array(z.string().regex(pythonRequirement, pythonWords)).transform(namedByPython),
          z.record(
            z.string().regex(/^[A-Za-z_][\w.]*$/, { error: "is no module's name: yaml" }),
            z.string().regex(pythonRequirement, pythonWords),
          ),
        ])
        .default({})
        .describe(
          "By module what pip installs: { yaml: PyYAML==6.0.2 }; or a list, where both have one name: [requests==2.32.3]. Default: nothing.",
        ),
      node: z
        .union([
          z.array(z.string().regex(npmRequirement, npmWords).regex(npmNamed, npmWords)).transform(namedByNpm),
          z.record(
            z.string().regex(new RegExp(`^${npmName}$`, "i"), { error: "is no package's name" }),
            z.string().regex(npmRequirement, npmWords),
          ),
        ])
        .default({})
        .describe(
          "By package what npm installs: [left-pad@1.3.0], or { left-pad: file:packages/left-pad.tgz }. Default: nothing.",
        ),
    })
    .prefault({});
}

/** What may be installed: requirement by module. */
export type Installable = z.output<ReturnType<typeof installField>>;

/** True when anything may be installed. */
export function mayInstall({ python, node }: Installable): boolean {
  return Object.keys(python).length + Object.keys(node).length > 0;
}

/** Options of an installer, which stand before the names. */
export function installerArgs(example: string) {
  return z
    .array(
      z
        .string()
        .min(1)
        .regex(/^[^\0]*$/, { error: "may not contain a NUL character" }),
    )
    .default([])
    .describe(`Options of the installer, for \`install\`: ${example}. Default: none.`);
}

function namedByPython(requirements: readonly string[]): Record<string, string> {
  const nameOf = (text: string) => (/^[A-Za-z0-9._-]+/.exec(text)?.[0] ?? text).replaceAll("-", "_");
  return Object.fromEntries(requirements.map((text) => [nameOf(text), text]));
}

function namedByNpm(requirements: readonly string[]): Record<string, string> {
  return Object.fromEntries(requirements.map((text) => [npmNamed.exec(text)?.[1] ?? text, text]));
}
