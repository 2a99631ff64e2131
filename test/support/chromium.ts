import { type Browser, chromium } from "playwright-core";
import { onTestFinished } from "vitest";

/** A real Chromium (`HEALQ_CHROMIUM`, else the one of Debian) that is closed when the current test ends. */
export async function openChromium(): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: process.env.HEALQ_CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  onTestFinished(() => browser.close());
  return browser;
}
