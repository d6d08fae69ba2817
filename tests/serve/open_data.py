"""Steps of the walk in which a department opens data, and everybody reads it."""

import csv
import hashlib
import io
import json
import subprocess
import urllib.request

from installation import SOURCE

OPEN = "/api/v1/open/datasets"
CKAN = SOURCE / "tests/ckan"
AGES = {
    "id": "residents-by-street", "dataset": "police.residents", "title": {"zh": "常住人口年龄结构", "en": "Residents by age"},
    "summary": "按街道、性别和年龄段统计", "basis": "dsl-38", "theme": "society", "tags": ["人口"], "shape": "counts",
    "columns": [
        {"field": "registered_address", "name": "street", "as": "area", "level": "street"},
        {"field": "sex", "values": ["男", "女"]},
        {"field": "birth_date", "name": "age", "as": "age", "width": 20, "from": 0, "to": 100},
    ],
    "epsilon": "0.5",
}
PEOPLE = {**AGES, "id": "residents-anonymous", "shape": "records", "suppress": 0.2, "columns": [
    {"field": "sex"}, {"field": "birth_date", "name": "age", "as": "age", "width": 50, "from": 0, "to": 100},
    {"field": "marital_status", "role": "sensitive"}]}
del PEOPLE["epsilon"]


class OpenDataSteps:
    """Needs `site` as prepare_exchange leaves it: the police's register in the vault."""

    def published(self, officer, plan):
        answer = officer.post(OPEN, plan)
        if answer.status == 409:  # Of an earlier step.
            return None
        self.assertEqual(answer.status, 201, answer)
        return answer.json

    def test_a_department_opens_counts_and_everybody_reads_them(self):
        police, anybody = self.site.signed_in("police"), self.site.client()
        self.assertEqual(anybody.post(OPEN, AGES).status, 401)
        refused = self.site.signed_in("social").post(OPEN, AGES)
        self.assertEqual((refused.status, refused.json["code"]), (403, "other-department"), refused)
        made = self.published(police, AGES)
        self.assertEqual(made["check"]["epsilon"], "0.5")

        found = anybody.get(OPEN, q="年龄", res_format="CSV")
        self.assertEqual(found.status, 200, found)
        self.assertIn(AGES["id"], [one["id"] for one in found.json["items"]])
        self.assertEqual(anybody.get(OPEN, q="没有这样的数据").json["count"], 0)
        one = anybody.get(f"{OPEN}/{AGES['id']}")
        self.assertEqual([version["version"] for version in one.json["versions"]], [1])
        self.assertEqual(anybody.send("GET", f"{OPEN}/{AGES['id']}", headers={"If-None-Match": one.headers["ETag"]}).status,
                         304)
        rows = anybody.get(f"{OPEN}/{AGES['id']}/rows", filters=json.dumps({"sex": "女"}), sort="count desc", limit=5)
        self.assertEqual(rows.status, 200, rows)
        counts = [row[3] for row in rows.json["rows"]]
        self.assertEqual(counts, sorted(counts, reverse=True))
        wrong = anybody.get(f"{OPEN}/{AGES['id']}/rows", sort="nothing")
        self.assertEqual((wrong.status, wrong.json["errors"][0]["parameter"]), (400, "sort"), wrong)

        # A second version costs as much of the budget again, and tells how it differs.
        second = police.post(OPEN, AGES).json
        self.assertEqual(second["version"], 2)
        difference = anybody.get(f"{OPEN}/{AGES['id']}/differences", **{"from": 1, "to": 2}).json
        self.assertTrue(difference["by_key"])
        self.assertEqual((difference["added"], difference["removed"]), (0, 0))
        self.assertEqual(len(difference["rows"]), difference["changed"])

        # The file's digest is what the catalogue says.
        file = anybody.get(f"{OPEN}/{AGES['id']}/files/csv")
        self.assertEqual(hashlib.sha256(file.body.encode()).hexdigest(), second["digest"])
        self.assertEqual(len(list(csv.reader(io.StringIO(file.body)))) - 1, second["rows"])
        shapes = anybody.get(f"{OPEN}/{AGES['id']}/files/geojson").json
        self.assertEqual(len(shapes["features"]), second["rows"])
        with urllib.request.urlopen(f"http://127.0.0.1:{self.site.port}{OPEN}/{AGES['id']}/files/parquet") as parquet:
            self.assertEqual(parquet.read(4), b"PAR1")
        days = anybody.get(f"{OPEN}/{AGES['id']}/uses").json["items"]
        self.assertGreaterEqual(days[0]["downloads"], 3)
        self.read_by_others()

    def read_by_others(self):
        """By another project's client of CKAN, and another's reader of RDF."""
        python = CKAN / ".venv/bin/python"
        if not python.exists():
            self.skipTest("tools/setup test installs ckanapi and rdflib; they are not there")
        done = subprocess.run([python, CKAN / "read.py", f"http://127.0.0.1:{self.site.port}", AGES["id"]], text=True,
                              capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_what_shows_somebody_is_refused(self):
        police = self.site.signed_in("police")
        tried = police.post("/api/v1/open/checks", PEOPLE)
        self.assertEqual(tried.status, 200, tried)
        self.assertGreaterEqual(tried.json["k"], 5)
        named = police.post(OPEN, {**PEOPLE, "columns": [{"field": "name"}]})
        self.assertEqual((named.status, named.json["code"]), (409, "constraint"), named)
        fine = {**PEOPLE, "suppress": 0, "columns": [{"field": "birth_date"}, {"field": "sex"}]}
        refused = police.post(OPEN, fine)
        self.assertEqual((refused.status, refused.json["code"]), (422, "check-refused"), refused)
        small = refused.json["check"]["small"]
        self.assertTrue(small and all(one["size"] < 5 for one in small), small)
        self.assertEqual(self.site.client().get(f"{OPEN}/{PEOPLE['id']}").status, 404)

    def test_wishes_reach_the_data_officer(self):
        anybody, police = self.site.client(), self.site.signed_in("police")
        self.assertEqual(anybody.post("/api/v1/open/wishes", {"title": "公交站点", "text": "换乘"}).status, 201)
        self.assertEqual(anybody.post("/api/v1/open/wishes", {"title": "我的电话 13800001111", "text": ""}).status, 400)
        self.assertEqual(anybody.get("/api/v1/open/wishes").status, 401)
        self.assertEqual(self.site.signed_in("clerk").get("/api/v1/open/wishes").status, 403)
        wish = next(one for one in police.get("/api/v1/open/wishes").json["items"] if one["title"] == "公交站点")
        answer = police.post(f"/api/v1/open/wishes/{wish['id']}/answer", {"answer": "明年开放"})
        self.assertEqual((answer.status, answer.json["state"]), (200, "answered"), answer)
        self.assertEqual(police.post(f"/api/v1/open/wishes/{wish['id']}/answer", {"answer": "再说"}).status, 409)
