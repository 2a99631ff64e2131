/** A program that plays a supervisor: takes the lock at the path given, says so or why not, and holds it until it is killed. */
import { messageOf } from "../../src/model/errors.ts";
import { acquireSupervisorLock } from "../../src/system/lock.ts";

try {
  await acquireSupervisorLock(process.argv[2] ?? "", { pid: process.pid, node: "holder", since: Date.now() });
  console.log("held");
} catch (error) {
  console.log(`refused: ${messageOf(error)}`);
}
