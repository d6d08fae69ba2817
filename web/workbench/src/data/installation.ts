import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../../shared/api";
import { nameIn } from "../../../shared/format";
import { useSettings } from "../settings";

/** Whose installation this is, and how one signs in here. Open to all, and asked once. */
export function useInstallation() {
  return useQuery({
    queryKey: ["installation"],
    queryFn: () => ask(api.GET("/api/v1/installation")),
    meta: { open: true },
    gcTime: Number.POSITIVE_INFINITY,
  });
}

/** The installation's own name; nothing while it is on its way, and the program's where it does not come. */
export function useInstallationName(): string {
  const { t } = useTranslation();
  const { language } = useSettings();
  const installation = useInstallation();
  if (installation.isPending) return "";
  return nameIn(installation.data?.name, language) || t("app.name");
}

/** The name of the page for the browser's tab, and behind it the installation's. */
export function titleOf(page: string, installation: string): string {
  return installation === "" ? page : `${page} · ${installation}`;
}
