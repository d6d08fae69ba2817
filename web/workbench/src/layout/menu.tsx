import {
  ApiOutlined,
  AuditOutlined,
  BookOutlined,
  DatabaseOutlined,
  EditOutlined,
  HomeOutlined,
  IdcardOutlined,
  KeyOutlined,
  QuestionCircleOutlined,
  SearchOutlined,
  SettingOutlined,
  SplitCellsOutlined,
  SwapOutlined,
  TeamOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";
import type { Session } from "../../../shared/api";
import { may } from "../data/session";

export type PageId =
  | "home"
  | "lookup"
  | "mine"
  | "review"
  | "catalog"
  | "requests"
  | "corrections"
  | "questions"
  | "jobs"
  | "audit"
  | "accounts"
  | "keys"
  | "contract"
  | "own";
export type Entry = { id: PageId; path: string; icon: ReactNode; open: boolean };
export type Group = { id: "work" | "supervise" | "admin" | "self"; entries: Entry[] };

/** What the menu shows. It spares people pages that would refuse them; the server decides by itself. */
export function menuOf(session: Session, kinds: readonly { id: string }[]): Group[] {
  const groups: Group[] = [
    {
      id: "work",
      entries: [
        { id: "home", path: "/", icon: <HomeOutlined />, open: true },
        {
          id: "lookup",
          path: "/lookup",
          icon: <SearchOutlined />,
          open: kinds.some((kind) => may(session, "look_up", kind.id)),
        },
        { id: "review", path: "/review", icon: <SplitCellsOutlined />, open: may(session, "read", "base") },
        { id: "catalog", path: "/catalog", icon: <BookOutlined />, open: may(session, "read", "catalogue") },
        { id: "requests", path: "/requests", icon: <SwapOutlined />, open: may(session, "read", "grant") },
        { id: "corrections", path: "/corrections", icon: <EditOutlined />, open: may(session, "decide", "correction") },
        {
          id: "questions",
          path: "/questions",
          icon: <QuestionCircleOutlined />,
          open: may(session, "decide", "objection"),
        },
        { id: "mine", path: "/mine", icon: <IdcardOutlined />, open: (session.subjects ?? []).length > 0 },
      ],
    },
    {
      id: "supervise",
      entries: [
        { id: "audit", path: "/audit", icon: <AuditOutlined />, open: may(session, "read", "audit_log") },
        { id: "jobs", path: "/jobs", icon: <DatabaseOutlined />, open: true },
      ],
    },
    {
      id: "admin",
      entries: [
        {
          id: "accounts",
          path: "/accounts",
          icon: <TeamOutlined />,
          open: may(session, "manage", "account"),
        },
        { id: "keys", path: "/keys", icon: <KeyOutlined />, open: may(session, "manage", "account") },
      ],
    },
    {
      id: "self",
      entries: [
        { id: "own", path: "/own", icon: <SettingOutlined />, open: true },
        { id: "contract", path: "/interface", icon: <ApiOutlined />, open: true },
      ],
    },
  ];
  return groups
    .map((group) => ({ ...group, entries: group.entries.filter((entry) => entry.open) }))
    .filter((group) => group.entries.length > 0);
}
