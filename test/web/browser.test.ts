import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import { openChromium } from "../support/chromium.ts";
import { until } from "../support/wait.ts";
import { node, put, type Rig, startRig, state } from "./rig.ts";

/** Pictures for a person to look at, when `HEALQ_SCREENSHOTS` names a folder. */
async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.HEALQ_SCREENSHOTS;
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

/** What the browser complains about: scripts that fail, content that the policy blocks. Bull Board asks Google for fonts; that is meant to be blocked. */
function complaints(page: Page): string[] {
  const heard: string[] = [];
  page.on("pageerror", (error) => heard.push(error.message));
  page.on("console", (message) => {
    const text = message.text();
    if (message.type() === "error" && !text.includes("fonts.googleapis.com")) heard.push(text);
  });
  return heard;
}

/** Some life for the page: one well, one in an incident, one stopped, and what led there. */
async function fill(rig: Rig): Promise<void> {
  const at = Date.now() - 95_000;
  await rig.keepLook("predictive_engine");
  await rig.keepLook("ensemble_predictor");
  await put(rig, "predictive_engine", () => ({
    state: state({ since: at, phase: "probation", heals: { ok: 1, failed: 0 } }),
    notes: [
      { at, event: "target.exited", target: "predictive_engine", reason: "killed by SIGKILL" },
      {
        at: at + 2,
        event: "incident.opened",
        target: "predictive_engine",
        symptom: "process.dead",
        incident: "i0",
        reason: "dead: killed by SIGKILL",
      },
      {
        at: at + 5,
        event: "heal.started",
        target: "predictive_engine",
        action: "restart",
        reason: "dead: killed by SIGKILL",
      },
      {
        at: at + 317,
        event: "heal.succeeded",
        target: "predictive_engine",
        action: "restart",
        reason: "running, answered in 4 ms",
        durationMs: 312,
      },
    ],
  }));
  const incident = {
    id: "i1",
    target: "weights",
    node,
    symptom: "file.stale",
    severity: "critical" as const,
    reason: "feature_store/weights.json is 25h old",
    state: "open" as const,
    openedAt: at,
  };
  await rig.store.keepLooks([
    {
      target: "weights",
      look: {
        at: Date.now(),
        status: "critical",
        message: "feature_store/weights.json is 25h old, at most 24h <b>allowed</b>",
        metrics: { ageMs: 90_000_000, size: 4_096 },
        durationMs: 1,
        findings: [],
      },
    },
    {
      target: "exchange",
      look: {
        at: Date.now(),
        status: "warning",
        message: "answered 200 after 2.4 s, at most 2 s",
        metrics: { latencyMs: 2_400 },
        durationMs: 2_400,
        findings: [],
      },
    },
  ]);
  await put(rig, "weights", () => ({
    state: state({
      status: "critical",
      since: at,
      phase: "healing",
      incident: { id: "i1", openedAt: at, symptom: "file.stale", alerted: [] },
    }),
    notes: [
      {
        at: at + 4_000,
        event: "heal.failed",
        target: "weights",
        action: "heal of its producer",
        reason: "not verified within 30s",
        durationMs: 30_012,
      },
    ],
    incident,
  }));
  await put(rig, "exchange", () => ({
    state: state({ status: "warning", since: at, phase: "suspect", reason: "1 of 3 looks" }),
    notes: [],
  }));
}

async function signedIn(rig: Rig, options: { width?: number; dark?: boolean } = {}): Promise<Page> {
  const browser = await openChromium();
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1_180, height: 820 },
    colorScheme: options.dark === true ? "dark" : "light",
  });
  context.setDefaultTimeout(8_000);
  const page = await context.newPage();
  // A test leaves the page before its server goes, so that what the page says about that is no complaint.
  onTestFinished(() => context.close());
  await page.goto(rig.web.signInLink ?? "");
  return page;
}

test("a person signs in with the link, and sees every target, the open incident and the record", async () => {
  const rig = await startRig();
  await fill(rig);
  const page = await signedIn(rig);
  const heard = complaints(page);
  expect(page.url()).toBe(`${rig.url}/`);
  await page.getByText("live", { exact: true }).waitFor();
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("2 of 4 need attention");
  expect(await page.locator(".target").count()).toBe(4);
  expect(await page.locator(".target .message").first().textContent()).toContain("<b>allowed</b>");
  expect(await page.locator(".incidents").textContent()).toContain("file.stale");
  expect(await page.locator(".record").textContent()).toContain("heal.succeeded");
  await page.locator(".target.critical summary").click();
  await picture(page, "status-light");
  expect(heard).toEqual([]);
});

test("the page shows a change without being asked, and keeps open what was opened", async () => {
  const rig = await startRig();
  await fill(rig);
  const page = await signedIn(rig, { width: 390, dark: true });
  const heard = complaints(page);
  await page.getByText("live", { exact: true }).waitFor();
  await page.locator("#target\\.trading-1\\.exchange summary").click();
  await picture(page, "status-phone-dark");
  expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
  await put(rig, "weights", (before) => ({
    state: { ...state({}), ...before, status: "ok" as const },
    notes: [{ at: Date.now(), event: "heal.succeeded", target: "weights", reason: "the change to be seen" }],
  }));
  await page.getByText("the change to be seen").first().waitFor({ timeout: 8_000 });
  expect(await page.locator("#target\\.trading-1\\.exchange").getAttribute("open")).not.toBeNull();
  expect(heard).toEqual([]);
});

test("the buttons of an operator heal a target, pause healing and resume it", async () => {
  const rig = await startRig();
  await fill(rig);
  const page = await signedIn(rig, { dark: true });
  const heard = complaints(page);
  page.on("dialog", (dialog) => dialog.accept());
  await page.locator("#target\\.trading-1\\.predictive_engine summary").click();
  await page.locator("#heal\\.trading-1\\.predictive_engine").click();
  await page.getByText("Heal: asked for").waitFor();
  await until(async () => (await rig.queues.heal(node).getCompletedCount()) === 1, { what: "the heal ran" });
  await page.getByRole("button", { name: "Pause healing" }).click();
  await page.getByText("Nothing is healed meanwhile").waitFor();
  await picture(page, "status-paused-dark");
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByRole("button", { name: "Pause healing" }).waitFor();
  expect(heard).toEqual([]);
});

test("Bull Board shows a completed heal with its log, and the queue heal beside those of the nodes", async () => {
  const rig = await startRig();
  const job = await rig.queues.openHeal.add("heal:run", { target: "predictive_engine" });
  await until(() => job.isCompleted(), { what: "the heal ran" });
  const page = await signedIn(rig);
  const heard = complaints(page);
  await page.goto(`${rig.url}/queues/queue/heal/${job.id}`);
  await page.getByText("restart ▸ predictive_engine").first().waitFor();
  await page.getByText("verified after 12 ms").first().waitFor();
  await picture(page, "board-job");
  await page.goto(`${rig.url}/queues/queue/heal`);
  await page.getByText("restart ▸ predictive_engine").first().waitFor();
  await picture(page, "board-queue");
  await page.goto(`${rig.url}/queues`);
  await page.getByText("1 Job", { exact: true }).waitFor();
  expect(await page.locator('a[href="/queues/queue/heal"]').count()).toBeGreaterThan(0);
  await picture(page, "board-overview");
  expect(heard).toEqual([]);
});

test("a person adds a heal in Bull Board's form, and is told when the target does not exist", async () => {
  const rig = await startRig();
  const page = await signedIn(rig);
  await page.goto(`${rig.url}/queues/queue/heal`);
  const openForm = async () => {
    // The first menu is the page's own; the second one, of the queue, comes with the queue.
    await page.locator('button[aria-haspopup="menu"]').nth(1).click();
    await page.getByRole("menuitem", { name: "Add job" }).click();
  };
  const data = page.getByRole("dialog").locator(".cm-content").first();
  const send = async (target: string) => {
    await data.click();
    await page.keyboard.press("Control+A");
    await page.keyboard.insertText(JSON.stringify({ target }));
    await page.getByRole("dialog").getByRole("button", { name: "Add", exact: true }).click();
    await data.waitFor({ state: "detached" });
  };
  await openForm();
  await send("predictve_engine");
  await page.getByText("did you mean predictive_engine?").waitFor();
  await picture(page, "board-refused");
  await openForm();
  await send("predictive_engine");
  await page.getByText("restart ▸ predictive_engine").first().waitFor({ timeout: 15_000 });
  const [job] = await rig.queues.openHeal.getJobs(["completed"]);
  expect(job?.data).toMatchObject({ target: "predictive_engine", requestedBy: "operator" });
});

test("who has no login is led to a form, and goes on from there", async () => {
  const rig = await startRig();
  const browser = await openChromium();
  const page = await (await browser.newContext({ viewport: { width: 1_000, height: 700 } })).newPage();
  const heard = complaints(page);
  await page.goto(`${rig.url}/queues`);
  await page.getByLabel("Token").fill("operator-token-of-ann");
  await picture(page, "login");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(`${rig.url}/queues`);
  await page.goto(`${rig.url}/`);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/\/login/);
  expect(heard).toEqual([]);
});
