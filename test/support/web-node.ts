import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makeNode, type TestNode, type WrittenConfig } from "./node.ts";
import { until } from "./wait.ts";

/** A node with its web part on a free port. */
export interface WebNode {
  readonly node: TestNode;
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** The link that was printed at the first start. */
  readonly link: string;
  /** The token made at the first start. */
  readonly token: string;
}

/** Starts one, as a new user would: with all roles. */
export async function startWebNode(
  config: WrittenConfig,
  options: Parameters<typeof makeNode>[1] & { web?: object } = {},
): Promise<WebNode> {
  const node = makeNode({ ...config, web: { port: 0, ...options.web } }, options);
  await node.up("--only", "scheduler,check,heal,alert,web");
  const link = await until(() => /status page: (\S+)/.exec(node.said())?.[1], {
    what: "the link is printed",
  });
  const token = readFileSync(join(node.stateDir, "token"), "utf8").trim();
  return { node, link, token, url: new URL(link).origin };
}
