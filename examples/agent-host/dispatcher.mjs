// Gives pending prompts to agents that have none, once a second. Its arguments are the agents.
import { appendFileSync } from "node:fs";
import { withPrompts } from "./prompts.mjs";

const agents = process.argv.slice(2);

/** A prompt that no agent could do three times is nobody's any more: a person must look at it. */
const next = "SELECT id FROM prompts WHERE status = 'pending' AND tries < 3 ORDER BY id LIMIT 1";
const busy = "SELECT 1 FROM prompts WHERE target_session = ? AND status IN ('assigned', 'in_progress')";
const assign = "UPDATE prompts SET status = 'assigned', target_session = ?, updated_at = unixepoch() WHERE id = ?";

setInterval(() => {
  const given = withPrompts((database) =>
    agents.flatMap((agent) => {
      const prompt = database.prepare(busy).get(agent) === undefined ? database.prepare(next).get() : undefined;
      if (prompt === undefined) return [];
      database.prepare(assign).run(agent, prompt.id);
      return [`prompt ${prompt.id} to ${agent}`];
    }),
  );
  appendFileSync("data/dispatcher.log", `${new Date().toISOString()} ${given.join(", ") || "nothing to give"}\n`);
}, 1_000);
