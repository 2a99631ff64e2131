import { expect, it } from "vitest";
import { initTemplate } from "../../src/config/template.ts";
import { loadText, targetOf } from "./load.ts";

it("the config to start from loads without problems", async () => {
  const config = await loadText(initTemplate());
  expect([...config.targets.keys()]).toEqual(["ticker", "ticker_file"]);
});

it("says of `defaults` what holds without them", async () => {
  const template = initTemplate();
  const withoutDefaults = template.replace(/^defaults:[\s\S]*?(?=^limits:)/m, "");
  expect(withoutDefaults).not.toContain("defaults:");
  const [said, silent] = [await loadText(template), await loadText(withoutDefaults)];
  expect(targetOf(said, "ticker").policy).toEqual(targetOf(silent, "ticker").policy);
  expect(said.limits).toEqual((await loadText("{}\n")).limits);
});
