import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type DefaultTheme, defineConfig } from "vitepress";

const DOCS = dirname(dirname(fileURLToPath(import.meta.url)));

/** The sections of the sidebar and their pages, in reading order. A page that does not exist is left out. */
const SECTIONS: Record<string, string[]> = {
  "Start here": ["getting-started", "concepts", "coming-from-other-tools"],
  Guides: ["data-formats", "operations", "writing-a-backbone"],
  Method: ["hgpo", "backbones", "results", "published-code", "decisions", "glossary"],
  Reference: ["reference/configuration", "reference/cli", "reference/api/index"],
};

function sidebar(): DefaultTheme.SidebarItem[] {
  return Object.entries(SECTIONS)
    .map(([text, pages]) => ({ text, items: pages.filter(exists).map(item) }))
    .filter(({ items }) => items.length > 0);
}

const exists = (page: string) => existsSync(join(DOCS, `${page}.md`));
const item = (page: string) => ({ text: titleOf(page), link: `/${page.replace(/index$/, "")}` });

/** The first heading of a page. */
function titleOf(page: string): string {
  const heading = readFileSync(join(DOCS, `${page}.md`), "utf8").match(/^# (.+)$/m)?.[1] ?? page;
  return heading.replaceAll("`", "");
}

export default defineConfig({
  title: "LGHRec",
  description: "Train, evaluate and export graph recommenders from TypeScript or a YAML file.",
  lang: "en",
  cleanUrls: false,
  // A broken link fails the build.
  ignoreDeadLinks: false,
  themeConfig: {
    nav: [
      { text: "Getting started", link: "/getting-started" },
      { text: "Data formats", link: "/data-formats" },
      { text: "HGPO", link: "/hgpo" },
      { text: "Configuration", link: "/reference/configuration" },
      { text: "API", link: "/reference/api/" },
    ].filter(({ link }) => exists(link.slice(1).replace(/\/$/, "/index"))),
    sidebar: sidebar(),
    outline: [2, 3],
    search: { provider: "local" },
  },
});
