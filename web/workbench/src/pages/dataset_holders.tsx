import { useQuery } from "@tanstack/react-query";
import { Drawer } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, ask } from "../../../shared/api";
import { nameIn } from "../../../shared/format";
import { datasetPath } from "../data/catalog";
import { useLabels } from "../data/words";
import { type Column, DataTable } from "../parts/data_table";
import { Answered, Empty } from "../parts/page";
import { SharingBadge } from "./catalog";

/** Who else holds a field: every dataset with its data element. */
export function HoldersDrawer(props: { element: string | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const asking = useQuery({
    queryKey: ["holders", props.element],
    queryFn: () =>
      ask(
        api.GET("/api/v1/catalog/elements/{element}/holders", { params: { path: { element: props.element ?? "" } } }),
      ),
    enabled: props.element !== undefined,
    staleTime: 0,
  });
  const element = asking.data?.element;
  const items = asking.data?.items ?? [];
  const columns: Column<(typeof items)[number]>[] = [
    { key: "provider", title: t("catalog.provider"), head: true, render: (one) => labels.department(one.provider) },
    {
      key: "dataset",
      title: t("catalog.dataset"),
      render: (one) => (
        <Link to={datasetPath(one.dataset)} onClick={props.onClose}>
          {one.dataset}
        </Link>
      ),
    },
    { key: "sharing", title: t("catalog.sharing"), render: (one) => <SharingBadge of={one.sharing} /> },
  ];
  const name = nameIn(element, labels.language);
  return (
    <Drawer
      open={props.element !== undefined}
      onClose={props.onClose}
      title={t("catalog.holders_of", { name: name || props.element })}
      size={560}
      destroyOnHidden
    >
      <Answered of={asking}>
        {element && (
          <p className="fine">
            {t(`catalog.type_${element.type}`)} · {t("entity.grade", { grade: element.grade })}
            {element.standard && ` · ${element.standard}`}
          </p>
        )}
        {items.length === 0 ? (
          <Empty title={t("catalog.no_holders")} />
        ) : (
          <DataTable
            label={t("catalog.holders")}
            columns={columns}
            rows={items}
            rowKey={(one) => `${one.dataset} ${one.field}`}
          />
        )}
      </Answered>
    </Drawer>
  );
}
