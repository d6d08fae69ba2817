"""DuckDB reads the register of bench/ingest and checks it by the same rules, in SQL. Prints rows, seconds, mistakes."""

import json
import sys
import time

import duckdb

WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
# The check character of an ID number; of the credit code only its form is looked at, which is less than ours does.
ID_SUM = " + ".join(f"CAST(substr(id_number, {i + 1}, 1) AS INTEGER) * {weight}" for i, weight in enumerate(WEIGHTS))
ID = (f"CASE WHEN NOT regexp_full_match(id_number, '[0-9]{{17}}[0-9X]') THEN false ELSE "
      f"substr('10X98765432', ({ID_SUM}) % 11 + 1, 1) = substr(id_number, 18, 1) END")
CHECKS = {
    "resident_number": "regexp_full_match(resident_number, 'R[0-9]{9}')",
    "name": "NOT regexp_matches(name, '[0-9?*#@]') AND length(name) <= 50",
    "id_number": ID,
    "sex": "sex IN ('男', '女')",
    "birth_date": "TRY_CAST(birth_date AS DATE) IS NOT NULL",
    "phone": "regexp_full_match(phone, '1[3-9][0-9]{9}')",
    "nationality": r"regexp_full_match(nationality, '\p{Han}{2,8}')",
    "marital_status": "marital_status IN ('未婚', '已婚', '丧偶', '离婚')",
    "grid": "regexp_full_match(grid, '[0-9]{12}')",
    "address": "length(address) <= 100",
    "unit": "regexp_full_match(unit, '[0-9]+-[0-9]+-[0-9]+')",
    "employer": "regexp_full_match(employer, '[0-9A-Z]{18}')",
    "income": "TRY_CAST(income AS DOUBLE) BETWEEN 0 AND 1000000",
    "members": "TRY_CAST(members AS DOUBLE) BETWEEN 1 AND 30",
    "moved_in": "TRY_CAST(moved_in AS DATE) IS NOT NULL",
    "moved_out": "TRY_CAST(moved_out AS DATE) IS NOT NULL",
    "longitude": "TRY_CAST(longitude AS DOUBLE) BETWEEN -180 AND 180",
    "latitude": "TRY_CAST(latitude AS DOUBLE) BETWEEN -90 AND 90",
    "kind": r"regexp_full_match(kind, '\p{Han}{2,8}')",
    "updated": "TRY_CAST(updated AS DATE) IS NOT NULL",
}
RULES = [
    "TRY_CAST(birth_date AS DATE) > DATE '2026-11-23'",
    "strftime(TRY_CAST(birth_date AS DATE), '%Y%m%d') <> substr(id_number, 7, 8) AND id_number_ok",
    "(CASE WHEN CAST(substr(id_number, 17, 1) AS INTEGER) % 2 = 1 THEN '男' ELSE '女' END) <> sex AND id_number_ok",
    "TRY_CAST(moved_in AS DATE) > TRY_CAST(moved_out AS DATE)",
]


def main():
    file, cores = sys.argv[1], int(sys.argv[2])
    start = time.monotonic()
    db = duckdb.connect(config={"threads": cores})
    verdicts = ", ".join(f"CASE WHEN {field} IS NOT NULL THEN {check} END AS {field}_ok"
                         for field, check in CHECKS.items())
    wrong = " OR ".join(f"NOT coalesce({field}_ok, true)" for field in CHECKS)
    broken = " OR ".join(f"coalesce({rule}, false)" for rule in RULES)
    figures = ", ".join(f"count(*) FILTER (WHERE NOT {field}_ok), count({field}), approx_count_distinct({field})"
                        for field in CHECKS)
    found = db.execute(f"""
        WITH checked AS (SELECT *, {verdicts} FROM read_csv('{file}', all_varchar = true, header = true))
        SELECT count(*), count(*) FILTER (WHERE ({wrong}) OR ({broken})), count(DISTINCT resident_number), {figures}
        FROM checked""").fetchone()
    seconds = time.monotonic() - start
    print(json.dumps({"rows": found[0], "seconds": seconds, "rows_per_second": found[0] / seconds,
                      "mistaken_rows": found[1]}))


if __name__ == "__main__":
    main()
