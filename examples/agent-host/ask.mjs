// Puts a prompt into the queue: node ask.mjs TEXT. Without a text, shows all of them.
import { withPrompts } from "./prompts.mjs";

const text = process.argv.slice(2).join(" ");
withPrompts((database) => {
  if (text === "") console.table(database.prepare("SELECT id, text, status, target_session, tries, note FROM prompts").all());
  else database.prepare("INSERT INTO prompts (text) VALUES (?)").run(text);
});
