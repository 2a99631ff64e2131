import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import { openChromium } from "../support/chromium.ts";
import { told, untilShown, untilTold } from "../support/story.ts";
import { startWebNode } from "../support/web-node.ts";

/** Pictures for a person to look at, when `HEALQ_SCREENSHOTS` names a folder. */
async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.HEALQ_SCREENSHOTS;
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

async function signIn(link: string): Promise<Page> {
  const browser = await openChromium();
  const context = await browser.newContext({ viewport: { width: 1_180, height: 820 } });
  context.setDefaultTimeout(15_000);
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.goto(link);
  return page;
}

test("a person signs in with the printed link, reads in Bull Board how a killed worker was healed, and adds a heal there", async () => {
  const { node, url, link } = await startWebNode({
    defaults: { every: "1s", probation: "1s" },
    targets: { worker: { kind: "process", run: ["sleep", "1000"], stableFor: "200ms" } },
  });
  await untilShown(node, ["worker"]);
  process.kill(node.pid("worker") ?? 0, "SIGKILL");
  const healed = await untilTold(node, "worker", "heal.succeeded");
  await untilTold(node, "worker", "incident.resolved");

  const page = await signIn(link);
  expect(page.url()).toBe(`${url}/`);
  await page.getByText("All is well").waitFor();
  await picture(page, "node-status");
  await page.getByRole("link", { name: "Queues" }).click();
  await page.locator('a[href="/queues/queue/heal.test"]').first().waitFor();
  // A queue that nobody works on here would look like a fault.
  expect(await page.getByText("No workers").count()).toBe(0);
  expect(await page.locator('a[href$=".any"]').count()).toBe(0);
  await picture(page, "node-overview");
  await page.goto(`${url}/queues/queue/heal.test/${healed.job}`);
  await page.getByText("restart ▸ worker").first().waitFor();
  const story = [
    "looked: critical, dead: killed by SIGKILL",
    "evidence: killed by SIGKILL",
    "restart: attempt 1",
    "start sleep 1000",
    "applied restart in",
    "healed: running",
  ];
  for (const line of story) await page.getByText(line).first().waitFor();
  const read = (await page.locator("body").innerText()).split("\n");
  const places = story.map((line) => read.findIndex((each) => each.includes(line)));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  await picture(page, "node-job");

  await page.goto(`${url}/queues/queue/heal`);
  // The first menu is the page's own; the second one, of the queue, comes with the queue.
  await page.locator('button[aria-haspopup="menu"]').nth(1).click();
  await page.getByRole("menuitem", { name: "Add job" }).click();
  const data = page.getByRole("dialog").locator(".cm-content").first();
  await data.click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText('{"target": "worker"}');
  await picture(page, "node-add");
  await page.getByRole("dialog").getByRole("button", { name: "Add", exact: true }).click();
  await data.waitFor({ state: "detached" });
  await page.getByText("heal ▸ worker").first().click();
  await page.getByText("already-healthy: worker: running").first().waitFor();
  await picture(page, "node-added");
  expect(told(node, "worker", "heal.requested")).toMatchObject([{ by: "operator" }]);
  expect(told(node, "worker", "queue.changed")).toMatchObject([{ by: "operator", action: "add job" }]);
});

test("the status page shows a target turn critical, its incident, and all well again, without being asked", async () => {
  const { node, link } = await startWebNode(
    {
      defaults: { every: "1s", probation: "2s" },
      targets: {
        flag: { kind: "file", path: "flag", heal: [] },
        worker: { kind: "process", run: ["sleep", "1000"], stableFor: "200ms" },
      },
    },
    { files: { flag: "" } },
  );
  await untilShown(node, ["flag", "worker"]);
  const page = await signIn(link);
  await page.getByText("live", { exact: true }).waitFor();
  await page.getByRole("heading", { level: 1, name: "All is well" }).waitFor();
  rmSync(node.path("flag"));
  await page.getByRole("heading", { level: 1, name: "1 of 2 needs attention" }).waitFor();
  await page.locator(".target.critical", { hasText: "flag" }).waitFor();
  await page.locator(".incidents", { hasText: "file.missing" }).waitFor();
  await picture(page, "node-critical");
  writeFileSync(node.path("flag"), "");
  await page.getByRole("heading", { level: 1, name: "All is well" }).waitFor();
  await page.locator(".target.ok", { hasText: "flag" }).waitFor();
  await page.locator(".incidents", { hasText: "file.missing" }).waitFor({ state: "detached" });
  await page.locator(".record", { hasText: "incident.resolved" }).waitFor();
  await picture(page, "node-well-again");
});
