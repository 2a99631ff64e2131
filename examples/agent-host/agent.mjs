// An agent: does the prompts that are assigned to it, a second each. One whose text is "hang" is never done, on its first try.
// C-c makes it give up what it does, as such programs do, and wait for the next prompt.
import { withPrompts } from "./prompts.mjs";

const [name = "agent"] = process.argv.slice(2);
const mine = "SELECT id, text, tries FROM prompts WHERE target_session = ? AND status = 'assigned' ORDER BY id LIMIT 1";

let giveUp = () => {};
process.on("SIGINT", () => giveUp());

function wait(ms) {
  return new Promise((resolve, reject) => {
    giveUp = () => reject(new Error("interrupted"));
    if (ms !== undefined) setTimeout(resolve, ms);
  });
}

async function work({ id, text, tries }) {
  withPrompts((database) => database.prepare("UPDATE prompts SET status = 'in_progress' WHERE id = ?").run(id));
  console.log(`prompt ${id}: ${text}`);
  await wait(text === "hang" && tries === 0 ? undefined : 1_000);
  withPrompts((database) => database.prepare("UPDATE prompts SET status = 'done', note = ? WHERE id = ?").run(`by ${name}`, id));
  console.log(`prompt ${id} is done`);
}

console.log(`${name} waits for prompts`);
// While it waits for ever, nothing else would keep it alive.
setInterval(() => {}, 60_000);
for (;;) {
  try {
    const prompt = withPrompts((database) => database.prepare(mine).get(name));
    await (prompt === undefined ? wait(500) : work(prompt));
  } catch (error) {
    console.log(error.message);
  }
}
