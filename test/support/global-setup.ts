import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Every process of the tests inherits it. Not `HEALQ_…`: healq keeps those from the processes that it starts. */
const marker = "TESTS_OF_HEALQ";
/** How long what the last tests ended may take to be gone, in milliseconds. */
const goneWithin = 5_000;

/**
 * Builds what the end-to-end tests run, gives all tests one folder for their files, and after the last one looks for
 * processes that were left behind: one is a failure of the suite.
 */
export default function setup(): () => Promise<void> {
  execFileSync("npm", ["run", "--silent", "build"], { stdio: "inherit" });
  const folder = mkdtempSync(join(tmpdir(), "hqt-"));
  // Tests as root start programs as other users, who must get through to theirs.
  chmodSync(folder, 0o711);
  process.env.TMPDIR = folder;
  // It would lie in the folder, and be taken for something that a test left behind.
  process.env.TSX_DISABLE_CACHE = "1";
  process.env[marker] = folder;
  return async () => {
    const left = await leftOver(folder);
    const files = readdirSync(folder);
    rmSync(folder, { recursive: true, force: true });
    const complaints = [
      ...left.map((process) => `still running: ${process}`),
      ...files.map((file) => `left behind: ${file}`),
    ];
    if (complaints.length > 0) throw new Error(`the tests did not clean up:\n${complaints.join("\n")}`);
  };
}

async function leftOver(folder: string): Promise<string[]> {
  const deadline = performance.now() + goneWithin;
  for (;;) {
    const left = processesOf(folder);
    if (left.length === 0 || performance.now() > deadline) return left;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Those that carry the marker or name the folder, this process and its parents aside. */
function processesOf(folder: string): string[] {
  const own = new Set([process.pid, process.ppid]);
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && !own.has(Number(name)))
    .flatMap((pid) => {
      const command = read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
      const isOurs = read(`/proc/${pid}/environ`).includes(`${marker}=${folder}`) || command.includes(folder);
      // A zombie has neither; vitest's own workers end with vitest.
      return isOurs && !/vitest|esbuild/.test(command) ? [`${pid} ${command}`] : [];
    });
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
