/** Where a redirect leads: the address, or undefined when the answer is none, or leads nowhere that can be asked. */
export function redirectOf(
  said: { readonly status: number; readonly location?: string },
  from: URL,
): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(said.status) || said.location === undefined) return undefined;
  const next = URL.canParse(said.location, from.href) ? new URL(said.location, from) : undefined;
  return next?.protocol === "http:" || next?.protocol === "https:" ? next : undefined;
}

/** As much of a question as a redirect changes. */
interface Asked {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Of the config's headers these tell nobody a secret. */
const harmless: readonly string[] = ["accept", "accept-language", "user-agent"];

/**
 * The question as it goes on to where a redirect leads. A POST becomes a GET, as in a browser, unless the server insists (307, 308). Another server, port
 * or protocol does not get the headers of the config: they may hold a key that is meant for the first one. Source: RFC 9110 §15.4; WHATWG Fetch,
 * "HTTP-redirect fetch".
 */
export function onward<Question extends Asked>(
  question: Question,
  step: { from: URL; to: URL; status: number },
): Question {
  const { from, to, status } = step;
  const changes = question.method === "POST" && [301, 302, 303].includes(status);
  const headers = Object.entries(question.headers).filter(
    ([name]) => to.origin === from.origin || harmless.includes(name.toLowerCase()),
  );
  return { ...question, method: changes ? "GET" : question.method, headers: Object.fromEntries(headers) };
}
