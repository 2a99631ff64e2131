import { chmodSync, copyFileSync, cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Document, isMap, parseDocument } from "yaml";

const example = fileURLToPath(new URL("../../examples/pipeline", import.meta.url));
const own = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** A copy of the example in a folder of its own, with ports of its own: a healq that runs elsewhere is not met. */
export interface Scratch {
  readonly folder: string;
  readonly stateDir: string;
  readonly configFile: string;
  /** For healq and what it starts; nothing of the caller's own healq is in it. */
  readonly env: NodeJS.ProcessEnv;
  /** The addresses of the workers that answer over HTTP. */
  readonly urls: { readonly signals: string; readonly quotes: string };
}

/** Makes it; the caller removes the folder. */
export async function makeScratch(): Promise<Scratch> {
  // Short: the path of a Unix socket may have 107 bytes.
  const folder = mkdtempSync(join(tmpdir(), "hqd-"));
  // What a run of the example leaves in its folder is not part of it.
  const isPart = (path: string) => !/\/(\.healq|data)(\/|$)/.test(path.slice(example.length));
  cpSync(example, folder, { recursive: true, filter: isPart });
  copyFileSync(own("quotes.mjs"), join(folder, "workers/quotes.mjs"));
  const configFile = join(folder, "healq.yaml");
  const over = readFileSync(own("overlay.yaml"), "utf8");
  writeFileSync(configFile, laidOver(readFileSync(configFile, "utf8"), over));
  // As root healq refuses a config that others may write, as those of a clone may be.
  chmodSync(configFile, 0o600);
  const [web, signals, quotes] = await freePorts(3);
  const strangers = Object.entries(process.env).filter(([name]) => !name.startsWith("HEALQ_"));
  const env = {
    ...Object.fromEntries(strangers),
    HEALQ_EXAMPLE_NODE: "demo",
    HEALQ_EXAMPLE_PORT: String(web),
    SIGNALS_PORT: String(signals),
    QUOTES_PORT: String(quotes),
  };
  const urls = { signals: `http://127.0.0.1:${signals}/`, quotes: `http://127.0.0.1:${quotes}/` };
  return { folder, configFile, env, urls, stateDir: join(folder, ".healq") };
}

/** The YAML text with each value of the other one put in; maps are merged, comments and quotes stay. */
export function laidOver(base: string, over: string): string {
  const document = parseDocument(base);
  put(document, [], parseDocument(over).contents);
  return document.toString();
}

function put(document: Document, path: readonly unknown[], value: unknown): void {
  if (!isMap(value) || !(path.length === 0 || isMap(document.getIn(path)))) {
    document.setIn(path, value);
    return;
  }
  for (const { key, value: inner } of value.items) put(document, [...path, String(key)], inner);
}

/** Ports that nobody listens on now, all different. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address !== null && typeof address === "object") ports.push(address.port);
  }
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  return ports;
}
