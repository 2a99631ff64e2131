import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { phases } from "../../src/model/phase.ts";
import { crashLoop } from "./crash-loop.ts";
import { blocksOf } from "./page.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(root, "docs/how-healing-decides.md"), "utf8");
const policy = readdirSync(join(root, "src/policy"))
  .map((name) => readFileSync(join(root, "src/policy", name), "utf8"))
  .join("\n")
  .replace(/^ *(?:\/\/|\/?\*).*$/gm, "");

test("the two crash loops of docs/how-healing-decides.md are what policy does by the defaults", () => {
  expect(page).toContain(crashLoop({ worksFor: 0, until: 640_000 }));
  expect(page).toContain(crashLoop({ worksFor: 2_000, until: 320_000 }));
});

test("the state picture of docs/how-healing-decides.md has every phase and no other", () => {
  const picture = blocksOf(page).find(({ language }) => language === "mermaid")?.text ?? "";
  const named = [...picture.matchAll(/^ *(\S+) --> ([^\s:]+)/gm)].flatMap(([, from = "", to = ""]) => [
    from,
    to,
  ]);
  const names = new Set(
    named.filter((name) => name !== "[*]").map((name) => name.replace("gave_up", "gave-up")),
  );
  expect([...names].sort()).toEqual([...phases].sort());
});

test("every reason that docs/how-healing-decides.md shows is one that policy gives", () => {
  const shown = [...page.matchAll(/^\| `[a-z-]+` \| [^|]* \| `([^`]+)`/gm)].map(([, reason = ""]) => reason);
  expect(shown.length).toBeGreaterThan(8);
  // A reason without a gap is a whole text of the code; with gaps its beginning is the beginning of one.
  const unknown = shown.filter((reason) => {
    const [first = "", ...rest] = reason.split("…").map((part) => part.trim());
    const begins = [`"${first}`, `\`${first}`].some((text) =>
      policy.includes(rest.length === 0 ? text + text.charAt(0) : text),
    );
    return !begins || rest.some((part) => !policy.includes(part));
  });
  expect(unknown).toEqual([]);
});
