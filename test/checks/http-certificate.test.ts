import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { certificateLook } from "../../src/checks/http-certificate.ts";
import { type Certificate, makeAuthority, serveSecurely } from "../support/certificates.ts";
import { run } from "../support/node.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";

const example = fileURLToPath(new URL("../../examples/kinds/http.yaml", import.meta.url));
const loopback = "IP:127.0.0.1";

test("a certificate that ends soon is a warning; one that has ended, is for another name or of nobody known is critical", async () => {
  const authority = makeAuthority();
  const ended = authority.issue(loopback, 0);
  const made = Date.now();
  const body = '{"status":"ok","db":{"up":true}}';
  const url = (certificate: Certificate) => serveSecurely(certificate, body);
  const soon = await url(authority.issue(loopback, 6));
  const addresses = {
    fine: await url(authority.issue(loopback, 60)),
    soon,
    ended: await url(ended),
    other: await url(authority.issue("DNS:other.example", 60)),
    alone: await url(authority.selfSigned(loopback)),
  };
  const folder = scratch();
  const targets = Object.entries(addresses).map(([id, address]) => [
    id,
    { kind: "http", url: address, certificate: "14d" },
  ]);
  const file = join(folder, "healq.yaml");
  writeFileSync(file, JSON.stringify({ node: "test", targets: Object.fromEntries(targets) }));
  await until(() => Date.now() > made + 1_100, { what: "the certificate of 0 days has ended" });
  // Which authorities are known, Node reads when a process starts.
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: authority.file, SHOP_URL: soon };
  const check = async (config: string) => {
    const { stdout } = await run(["check", "--json", "--config", config], env);
    const seen: {
      observations: {
        target: string;
        status: string;
        message: string;
        findings: object[];
        metrics: object;
      }[];
    } = JSON.parse(stdout);
    return new Map(seen.observations.map((each) => [each.target, each]));
  };
  const [seen, shop] = await Promise.all([check(file), check(example)]);

  const said = (id: keyof typeof addresses) => {
    const { status, message } = seen.get(id) ?? {};
    return `${status}: ${message?.replace(addresses[id], "")}`;
  };
  expect(said("fine")).toMatch(/^ok: answered 200 /);
  expect(seen.get("fine")?.metrics).toMatchObject({ certificateDays: 59.9 });
  expect(said("soon")).toMatch(
    /^warning: \/: its certificate ends in 6d, at 20\S+Z \(at least 14d wanted\)$/,
  );
  expect(said("ended")).toBe("critical: /: its certificate has expired");
  expect(said("other")).toBe("critical: /: its certificate is for another name");
  expect(said("alone")).toBe("critical: /: its certificate is self-signed");
  for (const id of ["soon", "ended", "other", "alone"])
    expect(seen.get(id)?.findings).toMatchObject([{ symptom: "http.certificate" }]);
  expect(shop.get("shop")).toMatchObject({
    status: "warning",
    findings: [{ symptom: "http.certificate", evidence: { endsAt: expect.any(String) } }],
    metrics: { statusCode: 200, certificateDays: 5.9 },
  });
});

test("how long a certificate lasts is judged to the millisecond, and not at all when nobody asked", () => {
  const judge = (left: number, wanted: number | undefined = 1_000) =>
    certificateLook({ certificateEnds: 5_000_000 + left }, { wanted, where: "it", now: 5_000_000 }).findings;
  expect(judge(1_000)).toEqual([]);
  expect(judge(999)).toMatchObject([{ severity: "warning" }]);
  expect(judge(-60_000)[0]?.message).toContain("its certificate ended 1m ago");
  expect(
    certificateLook({ certificateEnds: 0 }, { wanted: undefined, where: "it", now: 9 }).findings,
  ).toEqual([]);
});
