// A small HTTP service: NAME and PORT from the environment. GET /health answers 200 as long as it is well; for the sake of the
// example POST /break makes it answer 500, POST /hang makes it answer no more, and POST /leak makes a child of it take 200 MB.
import { spawn } from "node:child_process";
import { createServer } from "node:http";

const { NAME = "service", PORT = "0" } = process.env;
let status = 200;
let hangs = false;
let leak;

const acts = {
  "/break": () => {
    status = 500;
  },
  "/hang": () => {
    hangs = true;
  },
  "/leak": () => {
    const hold = "const held = Buffer.alloc(200e6, 1); setInterval(() => held.length, 1000);";
    leak ??= spawn(process.execPath, ["-e", hold], { stdio: "ignore" });
  },
};

createServer((request, response) => {
  if (hangs) return;
  const act = request.method === "POST" ? acts[request.url] : undefined;
  act?.();
  const code = act === undefined ? status : 202;
  response.writeHead(code, { "content-type": "application/json" });
  response.end(`${JSON.stringify({ service: NAME, pid: process.pid, well: status === 200 })}\n`);
}).listen(Number(PORT), "127.0.0.1", () => console.log(`${NAME} listens on port ${PORT}`));
