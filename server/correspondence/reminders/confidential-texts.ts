import type { Language } from '#notifications/index.ts';

/** What the list of unopened confidential post says around its lines. Source: compatibility.md, correspondence, §8.2. */
interface ConfidentialTexts {
  readonly intro: string;
  readonly line: (of: { readonly sender: string; readonly day: string; readonly service: string }) => string;
  readonly more: string;
  readonly closing: string;
}

/** Where Altinn tells how access is given. */
const help = 'https://info.altinn.no/hjelp/profil/roller-og-rettigheter/';

export const confidentialTexts: Readonly<Record<Language, ConfidentialTexts>> = {
  nb: {
    intro: `Virksomheten har mottatt taushetsbelagt post som ingen har åpnet. En hovedadministrator kan gi den som skal lese posten, også seg selv, tilgang til tjenesten. Slik gir dere tilgang: ${help}`,
    line: ({ sender, day, service }) => `Melding fra avsender ${sender} datert ${day}, denne krever tilgang til tjenesten: ${service}`,
    more: 'Det er flere meldinger enn listen viser.',
    closing: 'Listen viser meldinger som er eldre enn sju dager. En melding forsvinner fra listen når noen har åpnet den.',
  },
  nn: {
    intro: `Verksemda har motteke teieplikta post som ingen har opna. Ein hovudadministrator kan gje den som skal lese posten, også seg sjølv, tilgang til tenesta. Slik gjev de tilgang: ${help}`,
    line: ({ sender, day, service }) => `Melding frå avsendar ${sender} datert ${day}, denne krev tilgang til tenesta: ${service}`,
    more: 'Det er fleire meldingar enn lista viser.',
    closing: 'Lista viser meldingar som er eldre enn sju dagar. Ei melding forsvinn frå lista når nokon har opna ho.',
  },
  en: {
    intro: `The organization has received confidential mail that nobody has opened. A main administrator can give whoever is to read it, also herself, access to the service. How to give access: ${help}`,
    line: ({ sender, day, service }) => `Message from sender ${sender} dated ${day}, which requires access to the service: ${service}`,
    more: 'There are more messages than the list shows.',
    closing: 'The list shows messages that are older than seven days. A message leaves the list when somebody has opened it.',
  },
};
