"""Steps of the walk in which batches change the base library, and people say who is who."""

import csv
import io
import time

DATASETS = "/api/v1/catalog/datasets"
CORRECT = {"purpose": "correct_data", "basis": "data-sharing"}
CASE = {"purpose": "handle_case", "basis": "pipl-13-1-3"}


class LibrarySteps:
    """Needs `site` with a kept base of people, and the accounts police, clerk and keeper; `sent` of the data
    hub's steps."""

    def register(self):
        """The police's register: its header and its rows."""
        with (self.site.district / "district" / "police.csv").open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.reader(lines))
        return rows[0], rows[1:]

    def send_register(self, batch, header, rows):
        text = io.StringIO(newline="")
        csv.writer(text).writerows([header, *rows])
        content = text.getvalue().encode()
        police = self.site.signed_in("police")
        landed = self.sent(police, "police.residents", batch, content)
        self.assertEqual(landed["state"], "landed", landed)

    def until(self, look):
        for _ in range(600):
            found = look()
            if found:
                return found
            time.sleep(0.05)
        self.fail("it does not come")
        return None

    def reasons_of(self, entity):
        return self.site.signed_in("clerk").get(f"/api/v1/entities/person/{entity}/reasons", **CASE)

    def entities(self):
        with (self.site.district / "person" / "links.csv").open(encoding="utf-8") as lines:
            return {(row["source"], row["record_id"]): row["entity_id"] for row in csv.DictReader(lines)}

    def test_a_batch_changes_who_is_who(self):
        keeper, clerk = self.site.signed_in("keeper"), self.site.signed_in("clerk")
        self.until(lambda: keeper.get("/api/v1/bases").json["items"][0]["state"] == "ready")
        before = keeper.get("/api/v1/bases").json["items"][0]
        header, rows = self.register()
        number, phone = header.index("人员编号"), header.index("联系电话")
        entities = self.entities()
        # Somebody of whom others know, too, has another telephone; somebody is gone; somebody is new.
        kept = [entity for entity in entities.values()]
        row = next(row for row in reversed(rows) if kept.count(entities["police", row[number]]) > 2)
        gone = next(one for one in reversed(rows) if one is not row and kept.count(entities["police", one[number]]) > 1)
        fresh = list(rows[-1])
        fresh[number], fresh[phone] = "HK9900000000001", "16400000001"
        fresh[header.index("姓名")], fresh[header.index("公民身份号码")] = "欧阳试验", ""
        row[phone], row[header.index("更新时间")] = "16400000002", "2026-11-01"
        self.send_register("changed", header, [one for one in rows if one is not gone] + [fresh])
        entity = entities["police", row[number]]

        def new_phone():
            values = self.values(clerk.get(f"/api/v1/entities/person/{entity}", **CASE))
            return values["phone"] if values["phone"]["value"] == row[phone] else None

        self.assertEqual(self.until(new_phone)["source"], "police")
        told = self.reasons_of(entity).json
        self.assertEqual(told["events"][0]["event"], "changed")
        self.assertIn({"source": "police", "record": row[number]}, told["records"])
        self.assertNotIn({"source": "police", "record": gone[number]},
                         self.reasons_of(entities["police", gone[number]]).json["records"])
        found = clerk.post("/api/v1/lookups", {"kind": "person", "by": "name", "value": "欧阳试验", **CASE}).json["items"]
        self.assertEqual(len(found), 1)
        after = keeper.get("/api/v1/bases").json["items"][0]
        self.assertEqual(after["records"], before["records"])
        # Only what changed was written.
        self.assertEqual(len(told["records"]), kept.count(entity))

    def test_people_say_who_is_who(self):
        keeper = self.site.signed_in("keeper")
        self.until(lambda: keeper.get("/api/v1/bases").json["items"][0]["state"] == "ready")
        entities = self.entities()
        ids = list(entities.values())
        names = [name for name, entity in entities.items() if ids.count(entity) == 2 and name[0] != "police"]
        one, entity = names[0], entities[names[0]]
        other = next(name for name in entities if entities[name] == entity and name != one)
        word = {"a": {"source": one[0], "record": one[1]}, "b": {"source": other[0], "record": other[1]},
                "verdict": "different", "reason": "已电话核实"}
        path = "/api/v1/bases/person/decisions"
        for login in ("clerk", "police", "resident"):
            self.assertEqual(self.site.signed_in(login).post(path, word).status, 403)
        parted = keeper.post(path, word)
        self.assertEqual(parted.status, 200, parted)
        self.assertNotEqual(parted.json["a"], parted.json["b"])
        self.assertIn(entity, parted.json.values())
        told = self.reasons_of(entity).json
        self.assertEqual(len(told["records"]), 1)
        self.assertEqual([(past["verdict"], past["note"], past["by_name"]) for past in told["decisions"]],
                         [("different", "已电话核实", "名字keeper")])
        self.assertLessEqual({"split", "decided_different"}, {event["event"] for event in told["events"]})
        united = keeper.post(path, {**word, "verdict": "undo"})
        self.assertEqual(united.json, {"a": entity, "b": entity})
        self.assertEqual(len(self.reasons_of(entity).json["records"]), 2)
        self.assertEqual(keeper.post(path, {**word, "b": word["a"]}).status, 400)
        gone = keeper.post(path, {**word, "b": {"source": "police", "record": "HK0"}})
        self.assertEqual(gone.status, 404, gone)
        self.assertEqual(keeper.post("/api/v1/bases/nothing/decisions", word).status, 404)

    def test_what_is_doubtful_is_listed_and_shown(self):
        keeper = self.site.signed_in("keeper")
        self.until(lambda: keeper.get("/api/v1/bases").json["items"][0]["state"] == "ready")
        first = keeper.get("/api/v1/bases/person/doubts", limit=2)
        self.assertEqual(first.status, 200, first)
        self.assertGreater(first.json["count"], 2)
        more = keeper.get("/api/v1/bases/person/doubts", limit=2, cursor=first.json["next"]).json["items"]
        pairs = first.json["items"] + more
        self.assertEqual(len({(pair["a"], pair["b"]) for pair in pairs}), 4)
        distances = [abs(pair["weight"]) for pair in pairs]
        self.assertEqual(distances, sorted(distances))
        doubt = pairs[0]
        path = f"/api/v1/bases/person/doubts/{doubt['a']}/{doubt['b']}"
        shown = keeper.get(path, **CORRECT)
        self.assertEqual(shown.status, 200, shown)
        self.assertTrue(shown.json["parts"])
        self.assertAlmostEqual(shown.json["weight"], doubt["weight"], places=1)
        self.assertEqual(keeper.get(path, purpose="visit", basis="pipl-13-1-3").status, 403)
        self.assertEqual(self.site.signed_in("clerk").get(path, **CASE).status, 403)
        self.assertEqual(keeper.get(f"/api/v1/bases/person/doubts/{doubt['a']}/nobody", **CORRECT).status, 403)
        # Who looked is in the ledger of both.
        ledger = self.site.signed_in("auditor").get(f"/api/v1/entities/person/{doubt['a']}/disclosures",
                                                    purpose="audit", basis="pipl-13-1-3").json["items"]
        self.assertIn("reasons", [line["asked"] for line in ledger])
