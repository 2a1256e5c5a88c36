/** What a browser without scripts does: keeps cookies, follows redirects as long as they stay here, and sends the forms of a page. */
export interface Browser {
  /** Opens an address and follows it until it stays, or leaves this server. */
  open(address: string | URL): Promise<Page>;
  /** Sends a form of a page as if this button of it was pressed. */
  press(
    page: Page,
    button: { readonly name?: string; readonly value?: string; readonly text?: string },
    more?: Record<string, string>,
  ): Promise<Page>;
  /** Cookies as they are kept, for tests that steal or bend one. */
  readonly cookies: Map<string, Cookie>;
}

export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** Whether it lies outside the server: it was not fetched. */
  readonly isElsewhere: boolean;
}

export interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

export function openBrowser(server: string, language = 'nb'): Browser {
  const cookies = new Map<string, Cookie>();

  async function fetchOnce(url: URL, form?: URLSearchParams): Promise<Page> {
    if (!url.href.startsWith(`${server}/`)) return { url, status: 0, text: '', headers: new Headers(), isElsewhere: true };
    const sent = [...cookies.values()].filter(
      ({ path }) => url.pathname === path || url.pathname.startsWith(path.endsWith('/') ? path : `${path}/`),
    );
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { 'accept-language': language, cookie: sent.map(({ name, value }) => `${name}=${value}`).join('; ') },
      ...(form ? { method: 'POST', body: form } : {}),
    });
    for (const line of answer.headers.getSetCookie()) keep(line, url);
    return { url, status: answer.status, text: await answer.text(), headers: answer.headers, isElsewhere: false };
  }

  function keep(line: string, url: URL): void {
    const [pair = '', ...attributes] = line.split(/;\s*/);
    const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
    const path =
      attributes.find((attribute) => /^path=/i.test(attribute))?.slice('path='.length) ?? url.pathname.replace(/\/[^/]*$/, '') ?? '/';
    const expires = attributes.find((attribute) => /^expires=/i.test(attribute))?.slice('expires='.length);
    const isGone = expires !== undefined && Date.parse(expires) <= Date.now();
    if (isGone) cookies.delete(`${name} ${path}`);
    else cookies.set(`${name} ${path}`, { name, value, path });
  }

  async function follow(first: Page): Promise<Page> {
    let page = first;
    for (let steps = 0; page.status >= 300 && page.status < 400; steps += 1) {
      if (steps > 10) throw new Error(`redirected without end at ${page.url}`);
      page = await fetchOnce(new URL(page.headers.get('location')!, page.url));
    }
    return page;
  }

  return {
    cookies,
    open: async (address) => follow(await fetchOnce(new URL(address))),
    async press(page, button, more = {}) {
      const form = formWith(page, button);
      const fields = new URLSearchParams({ ...form.fields, ...more });
      if (form.method === 'post') return follow(await fetchOnce(new URL(form.action, page.url), fields));
      return follow(await fetchOnce(new URL(`${form.action}?${fields}`, page.url)));
    },
  };
}

function formWith(page: Page, button: { readonly name?: string; readonly value?: string; readonly text?: string }) {
  const forms = [...page.text.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)];
  for (const [, attributes = '', inside = ''] of forms) {
    const id = attribute(attributes, 'id');
    const outside =
      id === undefined
        ? []
        : [...page.text.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/g)].filter(([, a = '']) => attribute(a, 'form') === id);
    const pressed = [...inside.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/g), ...outside].find(
      ([, a = '', text = '']) =>
        (button.name === undefined || attribute(a, 'name') === button.name) &&
        (button.value === undefined || attribute(a, 'value') === button.value) &&
        (button.text === undefined || text.includes(button.text)),
    );
    if (!pressed) continue;
    const fields = Object.fromEntries(
      [...inside.matchAll(/<input\b([^>]*)>/g)]
        .map(([, a = '']) => a)
        .filter((a) => attribute(a, 'type') !== 'radio' || / checked\b/.test(a))
        .map((a) => [attribute(a, 'name') ?? '', attribute(a, 'value') ?? '']),
    );
    const name = attribute(pressed[1]!, 'name');
    return {
      method: attribute(attributes, 'method') ?? 'get',
      action: attribute(attributes, 'action') ?? page.url.pathname,
      fields: { ...fields, ...(name === undefined ? {} : { [name]: attribute(pressed[1]!, 'value') ?? '' }) },
    };
  }
  throw new Error(`no button ${JSON.stringify(button)} on ${page.url}: ${page.text.slice(-2000)}`);
}

const entities: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };

function attribute(attributes: string, name: string): string | undefined {
  return new RegExp(`(?:^|\\s)${name}="([^"]*)"`)
    .exec(attributes)?.[1]
    ?.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, (entity) => entities[entity]!);
}
