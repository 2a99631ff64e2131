import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { scratch } from "./scratch.ts";

/** What a server shows of itself. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** An authority of a test's own, made by the program openssl. */
export interface Authority {
  /** Its own certificate, for `NODE_EXTRA_CA_CERTS`. */
  readonly file: string;
  /** A certificate for such a name (`IP:127.0.0.1`, `DNS:x`) that ends in so many days; 0: now. */
  issue(name: string, days: number): Certificate;
  /** One that nobody vouches for. */
  selfSigned(name: string): Certificate;
}

/** Makes an authority in a folder that is removed when the current test ends. */
export function makeAuthority(): Authority {
  const folder = scratch();
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const selfSign = (file: string, ...more: string[]) =>
    openssl(
      "req",
      "-x509",
      ...newKey,
      "-subj",
      `/CN=${file}`,
      "-days",
      "30",
      "-keyout",
      `${file}.key`,
      "-out",
      file,
      ...more,
    );
  const read = (file: string): Certificate => ({
    cert: readFileSync(join(folder, file), "utf8"),
    key: readFileSync(join(folder, `${file}.key`), "utf8"),
  });
  selfSign("authority");
  let made = 0;
  return {
    file: join(folder, "authority"),
    issue: (name, days) => {
      made += 1;
      const file = `issued-${made}`;
      openssl("req", "-new", ...newKey, "-subj", "/CN=shop", "-keyout", `${file}.key`, "-out", `${file}.csr`);
      writeFileSync(join(folder, "ext"), `subjectAltName=${name}\n`);
      const by = ["-CA", "authority", "-CAkey", "authority.key", "-CAcreateserial", "-extfile", "ext"];
      openssl("x509", "-req", "-in", `${file}.csr`, ...by, "-days", String(days), "-out", file);
      return read(file);
    },
    selfSigned: (name) => {
      selfSign("self-signed", "-addext", `subjectAltName=${name}`);
      return read("self-signed");
    },
  };
}

/** An https server on a free port of loopback that answers with one text; closed when the current test ends. */
export async function serveSecurely(certificate: Certificate, text: string): Promise<string> {
  const server = createServer(certificate, (_, response) => response.end(text));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  // A server that listens on a port has an address with a port.
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
