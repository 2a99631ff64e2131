// Opens a database in a process of its own, and carries out SQL. Arguments: the database, `-` or a file, statements.
// With `-` it writes the rows of the last statement as JSON and ends; with a file it makes that when it is through, and stays.
// The statement `forever SQL` is carried out again and again.
import { writeFileSync } from "node:fs";
import Database from "libsql";

const [path, ready, ...statements] = process.argv.slice(2);
const db = new Database(path);
db.exec("PRAGMA busy_timeout = 5000");
for (const sql of statements.slice(0, ready === "-" ? -1 : undefined)) {
  if (sql.startsWith("forever ")) {
    writeFileSync(ready, "");
    for (;;) db.exec(sql.slice("forever ".length));
  }
  db.exec(sql);
}
if (ready === "-") {
  process.stdout.write(JSON.stringify(db.prepare(statements.at(-1)).all()));
  db.close();
} else {
  writeFileSync(ready, "");
  setInterval(() => undefined, 1_000);
}
