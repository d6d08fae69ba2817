import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { Language } from "../../../shared/format";
import { en } from "./en";
import { type Dictionary, zh } from "./zh";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: Dictionary };
  }
}

export function startWords(language: Language): void {
  i18next.use(initReactI18next).init({
    resources: { zh: { translation: zh }, en: { translation: en } },
    lng: language,
    fallbackLng: "zh",
    interpolation: { escapeValue: false },
  });
}
