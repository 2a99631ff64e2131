import { expect, test } from "vitest";
import { messageOf } from "../../src/model/errors.ts";
import { targetOf } from "../support/look.ts";
import { remedyRig, staleFinding } from "../support/remedy-rig.ts";
import { serve } from "../support/web-server.ts";

const target = targetOf("file", { path: "weights.json" }, { id: "weights" });

test("it sends the fault as JSON with the headers, and the plan names the host only", async () => {
  const got: { method?: string | undefined; key?: unknown; path?: string | undefined; body: string }[] = [];
  const { url, port } = await serve((request, response) => {
    let body = "";
    request.on("data", (bytes) => (body += bytes));
    request.on("end", () => {
      got.push({ method: request.method, key: request.headers["x-api-key"], path: request.url, body });
      response.writeHead(202).end();
    });
  });
  const rig = remedyRig({ finding: staleFinding });
  const params = { url: `${url}/hooks/s3cr3t-path`, method: "PUT", headers: { "X-Api-Key": "k3y-of-mine" } };
  const { said, details } = await rig.apply("webhook", target, params);
  expect(said).toEqual([`PUT to 127.0.0.1:${port}, at most 10 s`]);
  expect(details).toEqual({ host: `127.0.0.1:${port}`, status: 202 });
  expect(got).toMatchObject([{ method: "PUT", key: "k3y-of-mine", path: "/hooks/s3cr3t-path" }]);
  expect(JSON.parse(got[0]?.body ?? "")).toEqual({
    target: "weights",
    kind: "file",
    symptom: "file.stale",
    message: staleFinding.message,
    at: expect.stringMatching(/^\d{4}-.*Z$/),
  });
});

test("what is no 2xx, a redirect too, and a server that does not answer are failures that tell no secret", async () => {
  let asked = 0;
  const { url } = await serve((request, response) => {
    asked += 1;
    if (request.url?.endsWith("silent")) return;
    if (request.url?.endsWith("moved")) response.writeHead(302, { location: "/elsewhere" }).end();
    else response.writeHead(403).end(`not you: ${request.url} ${request.headers.authorization}`);
  });
  const failure = (path: string) =>
    remedyRig()
      .apply("webhook", target, {
        url: `${url}/s3cr3t-path/${path}`,
        headers: { Authorization: "k3y-of-mine" },
        timeout: "200ms",
      })
      .then(() => "it succeeded", messageOf);
  expect(await failure("refused")).toMatch(
    /^127\.0\.0\.1:\d+ answered 403: not you: \[redacted\] \[redacted\]$/,
  );
  expect(await failure("moved")).toMatch(/answered 302$/);
  expect(await failure("silent")).toMatch(/^127\.0\.0\.1:\d+: no answer within 200 ms$/);
  expect(asked).toBe(3);
});
