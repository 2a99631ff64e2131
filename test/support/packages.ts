import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import { makeScratch } from "./scratch.ts";

let template: string | undefined;
// Registered by whichever file of tests imports this one.
afterAll(() => {
  if (template !== undefined) rmSync(dirname(template), { recursive: true, force: true });
});

/** A virtual environment `venv` in that folder. Making one takes seconds, copying one none; it is asked by way of its own python. */
export function makeVenv(base: string): void {
  if (template === undefined) {
    template = join(makeScratch(), "venv");
    execFileSync("python3", ["-m", "venv", template]);
  }
  cpSync(template, join(base, "venv"), { recursive: true, verbatimSymlinks: true });
}

const wheel = `
import sys, zipfile
path, module, name = sys.argv[1:]
info = f"{name}-1.0.dist-info"
files = {
    f"{module}.py": "",
    f"{info}/METADATA": f"Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n",
    f"{info}/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
}
with zipfile.ZipFile(f"{path}/{name}-1.0-py3-none-any.whl", "w") as out:
    for file, text in files.items():
        out.writestr(file, text)
    out.writestr(f"{info}/RECORD", "".join(f"{file},,\\n" for file in [*files, f"{info}/RECORD"]))
`;

/** A wheel in the folder `wheels`: a distribution of that name, version 1.0, with an empty module. */
export function makeWheel(base: string, { module, name }: { module: string; name: string }): void {
  mkdirSync(join(base, "wheels"), { recursive: true });
  execFileSync("python3", ["-c", wheel, join(base, "wheels"), module, name]);
}

/** A tarball of \`npm pack\`, \`NAME-1.0.0.tgz\`, whose install script would leave a file. */
export function makeTarball(base: string, name: string): void {
  const folder = join(base, `source-${name}`);
  mkdirSync(folder);
  const scripts = { postinstall: `touch ${join(base, "script-ran")}` };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, version: "1.0.0", scripts }));
  execFileSync("npm", ["pack", "--silent", "--pack-destination", base], { cwd: folder });
}
