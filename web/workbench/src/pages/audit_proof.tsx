import { useQuery } from "@tanstack/react-query";
import { Drawer } from "antd";
import { useTranslation } from "react-i18next";
import { type AuditEntry, api, ask } from "../../../shared/api";
import { useActionName } from "../data/audit";
import { type Proof, type Verdict, verifyProof } from "../data/proof";
import { CopyButton } from "../parts/copy";
import { Loading } from "../parts/page";
import { ProblemView } from "../parts/problem_view";
import { Time } from "../parts/time";

async function prove(entry: AuditEntry): Promise<{ proof: Proof; verdict: Verdict }> {
  const proof = await ask(api.GET("/api/v1/audit/entries/{entry}/proof", { params: { path: { entry: entry.id } } }));
  return { proof, verdict: await verifyProof(entry, proof) };
}

/** One entry, whole, and whether it is in the log: this browser does the sum. */
export function ProofDrawer(props: { entry: AuditEntry | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const { entry } = props;
  return (
    <Drawer
      open={entry !== undefined}
      onClose={props.onClose}
      size={620}
      title={entry ? t("audit.proof_of", { index: entry.index }) : ""}
      destroyOnHidden
    >
      {entry && <Proven entry={entry} />}
    </Drawer>
  );
}

function Proven(props: { entry: AuditEntry }) {
  const { t } = useTranslation();
  const { entry } = props;
  // A proof is under the newest checkpoint, so an older one is of no use.
  const proving = useQuery({ queryKey: ["proof", entry.id], queryFn: () => prove(entry), gcTime: 0 });
  return (
    <>
      {proving.isPending && <Loading text={t("audit.verifying")} />}
      {proving.error && <ProblemView error={proving.error} onRetry={() => proving.refetch()} />}
      {proving.data && <VerdictView verdict={proving.data.verdict} proof={proving.data.proof} />}
      <h2>{t("audit.details")}</h2>
      <Details entry={entry} />
      {proving.data && <ForTheCommandLine proof={proving.data.proof} />}
    </>
  );
}

function VerdictView(props: { verdict: Verdict; proof: Proof }) {
  const { t } = useTranslation();
  const { verdict, proof } = props;
  if (verdict.state === "wrong")
    return (
      <div role="alert" className="verdict bad">
        <strong>{t("audit.wrong")}</strong>
        <p>{t(`audit.wrong_${verdict.why}`)}</p>
        <p>{t("audit.wrong_next")}</p>
      </div>
    );
  if (verdict.state === "not_here")
    return (
      <div role="status" className="verdict amber">
        <strong>{t("audit.sm3")}</strong>
        <p>{t("audit.sm3_next")}</p>
      </div>
    );
  return (
    <div role="status" className="verdict good">
      <strong>{t("audit.proven")}</strong>
      <p>{t("audit.proven_what", { steps: verdict.steps })}</p>
      <dl className="facts">
        <dt>{t("audit.origin")}</dt>
        <dd>{verdict.checkpoint.origin}</dd>
        <dt>{t("audit.tree_size")}</dt>
        <dd>{proof.size}</dd>
        <dt>{t("audit.leaf")}</dt>
        <dd>
          <code>{verdict.leaf}</code>
        </dd>
        <dt>{t("audit.root")}</dt>
        <dd>
          <code>{verdict.checkpoint.root}</code>
        </dd>
        <dt>{t("audit.signers")}</dt>
        <dd>{verdict.checkpoint.signers.join(", ")}</dd>
      </dl>
      <p className="fine">{t("audit.not_checked")}</p>
    </div>
  );
}

function Details(props: { entry: AuditEntry }) {
  const { t } = useTranslation();
  const actionName = useActionName();
  const { entry } = props;
  const lines: [string, string | undefined][] = [
    [t("entity.id"), entry.id],
    [t("audit.actor"), entry.actor],
    [t("audit.object"), entry.object],
    [t("audit.area"), entry.area],
    [t("audit.purpose"), [entry.purpose, entry.basis].filter(Boolean).join(" · ")],
    [t("audit.counts"), pairs(entry.counts)],
    [t("audit.personal"), pairs(entry.personal)],
    [t("audit.change"), entry.change],
  ];
  return (
    <dl className="facts">
      <dt>{t("audit.action")}</dt>
      <dd>{actionName(entry.action)}</dd>
      <dt>{t("audit.time")}</dt>
      <dd>
        <Time at={entry.time} />
      </dd>
      {lines.map(
        ([name, value]) =>
          value && (
            <div key={name} className="contents">
              <dt>{name}</dt>
              <dd>
                <code>{value}</code>
              </dd>
            </div>
          ),
      )}
    </dl>
  );
}

function pairs(values: Record<string, number | string> | undefined): string {
  return Object.entries(values ?? {})
    .map(([name, value]) => `${name}: ${value}`)
    .join(", ");
}

function ForTheCommandLine(props: { proof: Proof }) {
  const { t } = useTranslation();
  return (
    <>
      <h2>{t("audit.command")}</h2>
      <pre className="text">{'zhili audit verify DIR --key "$(cat audit.vkey)"'}</pre>
      <div className="row">
        <h2>{t("audit.proof_text")}</h2>
        <CopyButton text={props.proof.proof} />
      </div>
      <pre className="text">{props.proof.proof}</pre>
    </>
  );
}
