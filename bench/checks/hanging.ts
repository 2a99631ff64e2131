import { createServer, type Socket } from "node:net";
import type { Target } from "../../src/model/target.ts";
import type { Cleanup } from "../support/cleanup.ts";
import { quantile } from "../support/statistics.ts";
import { lay } from "./lay.ts";
import { subjects } from "./subjects.ts";

/** How long the others take while so many hang. */
export interface Delay {
  readonly others: number;
  readonly hanging: number;
  /** Milliseconds until the last of the others was looked at, in the median. */
  readonly aloneMs: number;
  readonly besideMs: number;
}

const hanging = 20;
const rounds = 5;

/** Looks at files, alone and beside addresses whose server takes the connection and never answers. */
export async function delayOf(count: number, cleanup: Cleanup): Promise<Delay> {
  const { file } = subjects;
  if (file === undefined) throw new Error("there is no subject file");
  const port = await silentServer(cleanup);
  const laid = await lay(file, count, cleanup);
  const silent = await lay(
    { ...file, lay: () => (n) => ({ kind: "http", url: `http://127.0.0.1:${port}/${n}`, timeout: "500ms" }) },
    hanging,
    cleanup,
  );
  const others = laid.targets;
  const beside = silent.targets.map((target) => ({ ...target, id: `silent-${target.id}` }));
  const time = async (extra: readonly Target[]) => {
    const took: number[] = [];
    for (let n = 0; n < rounds; n += 1) took.push(await untilSeen([...extra, ...others], others.length));
    return quantile(took, 0.5);
  };
  /** Until all but those that hang were looked at; then until those have timed out. */
  const untilSeen = async (targets: readonly Target[], wanted: number): Promise<number> => {
    const began = performance.now();
    let [seen, took] = [0, Number.NaN];
    await laid.looker.look(targets, ({ kind }) => {
      if (kind === "file") seen += 1;
      if (seen === wanted && Number.isNaN(took)) took = performance.now() - began;
    });
    return took;
  };
  return { others: others.length, hanging, aloneMs: await time([]), besideMs: await time(beside) };
}

async function silentServer(cleanup: Cleanup): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => void sockets.add(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanup.add(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}
