import { formatDuration } from "../lib/duration.ts";

/** Why there was no answer. */
export interface NoAnswer {
  readonly ok: false;
  /** The end of a sentence that begins with the address: "connection refused". */
  readonly reason: string;
  /** The fault is on this side (no network, no name service, the look was given up), so nothing is known of the other. */
  readonly cannotTell: boolean;
  /** The server answers, but its certificate is not to be trusted. */
  readonly badCertificate?: true;
}

/** Codes of Node and of libuv, in words. */
const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the connection was closed without an answer",
  EPIPE: "the connection was closed without an answer",
  ENOTFOUND: "no such host",
  ETIMEDOUT: "no answer to the attempt to connect",
  EHOSTUNREACH: "no route to the host",
};

const unknownAuthority = "its certificate comes from an unknown authority";
const unreadable = "its certificate is damaged";

/** The same for what is wrong with certificates. Source: `tls.html#x509-certificate-error-codes` of Node's manual. */
const certificateWords: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet: is a clock wrong?",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "its certificate cannot be verified: the server does not send the whole chain",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
  HOSTNAME_MISMATCH: "its certificate is for another name",
  CERT_REVOKED: "its certificate was revoked",
  CERT_UNTRUSTED: unknownAuthority,
  CERT_REJECTED: "its certificate is rejected",
  CERT_CHAIN_TOO_LONG: "the chain of its certificate is too long",
  CERT_SIGNATURE_FAILURE: unreadable,
  ERROR_IN_CERT_NOT_BEFORE_FIELD: unreadable,
  ERROR_IN_CERT_NOT_AFTER_FIELD: unreadable,
  INVALID_CA: "its certificate comes from what is no authority",
  INVALID_PURPOSE: "its certificate is not one for servers",
};

/** Faults of this machine. */
const ours: Readonly<Record<string, string>> = {
  EAI_AGAIN: "the name service of this machine does not answer",
  ENETUNREACH: "this machine has no network that leads there",
  ENETDOWN: "the network of this machine is down",
  EADDRNOTAVAIL: "this machine has no free local port or address",
  EMFILE: "healq has too many open files",
  ENFILE: "this machine has too many open files",
  EACCES: "this machine does not allow the connection",
  EPERM: "this machine does not allow the connection",
};

/** Turns what a request failed with into words. A timeout of the question is the server's silence; an abort from outside is not. */
export function describeNetworkError(
  error: unknown,
  question: { timeout: number; signal: AbortSignal },
): NoAnswer {
  if (question.signal.aborted) return { ok: false, reason: "the look was given up", cannotTell: true };
  const code = codeOf(error);
  if (code === "ABORT_ERR")
    return { ok: false, reason: `no answer within ${formatDuration(question.timeout)}`, cannotTell: false };
  const our = ours[code];
  if (our !== undefined) return { ok: false, reason: our, cannotTell: true };
  const fault = certificateWords[code];
  if (fault !== undefined) return { ok: false, reason: fault, cannotTell: false, badCertificate: true };
  if (code.startsWith("HPE_")) return { ok: false, reason: "its answer is not HTTP", cannotTell: false };
  return { ok: false, reason: words[code] ?? `no answer (${code})`, cannotTell: false };
}

/** An address for messages: without user, password, query and fragment, where secrets are. */
export function shownUrl(url: string): string {
  if (!URL.canParse(url)) return "the URL";
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOfSeveral(error.errors);
  if (!(error instanceof Error)) return "no reason";
  if (error.name === "AbortError" || error.name === "TimeoutError") return "ABORT_ERR";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}

/** A name has several addresses, and this machine may have no way to some of them (no IPv6): the others say how the host is. */
function codeOfSeveral(errors: readonly unknown[]): string {
  const codes = errors.map(codeOf);
  return codes.find((code) => ours[code] === undefined) ?? codes[0] ?? "no reason";
}
