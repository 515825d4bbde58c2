"""A table in another language than English is recognised by its headers and its levels."""

import tomllib

import pandas as pd
import pytest

from reanalysis.cohort.dates import as_date
from reanalysis.intake.drafting import draft_mapping

COLUMNS = ("patient_id", "age", "sex", "tumor_size_cm", "follow_up_months", "death")
HEADERS = {
    "Korean": "연번,연령,성별,종양크기(mm),추적관찰기간(개월),사망여부",
    "Chinese": "编号,年龄,性别,肿瘤大小(mm),随访时间(月),死亡",
    "Japanese": "症例番号,年齢,性別,腫瘍径(mm),観察期間(月),転帰",
    "German": "Nr,Alter,Geschlecht,Tumorgröße (mm),Nachbeobachtung (Monate),Verstorben",
    "French": "Numéro,Âge,Sexe,Taille tumorale (mm),Durée de suivi (mois),Décès",
    "Spanish": "Caso,Edad,Sexo,Tamaño tumoral (mm),Seguimiento (meses),Exitus",
    "Italian": "ID paziente,Età,Sesso,Diametro (mm),Durata del follow-up (mesi),Decesso",
    "Portuguese": "Caso,Idade,Sexo,Tamanho do tumor (mm),Seguimento (meses),Óbito",
}
LEVELS = {
    "Korean": "남,여,사망,생존",
    "Chinese": "男,女,是,否",
    "Japanese": "男性,女性,死亡,生存",
    "German": "männlich,weiblich,ja,nein",
    "French": "homme,femme,oui,non",
    "Spanish": "hombre,mujer,sí,no",
    "Italian": "maschio,femmina,sì,no",
    "Portuguese": "masculino,feminino,sim,não",
}


@pytest.mark.parametrize("language", HEADERS)
def test_columns_units_and_levels_are_recognised(language):
    male, female, dead, alive = LEVELS[language].split(",")
    rows = [
        [f"{i}", f"{50 + i}", (male, female)[i % 2], f"{20 + i}", f"{i}.5", (dead, alive)[i % 2]]
        for i in range(1, 9)
    ]
    table = pd.DataFrame(rows, columns=HEADERS[language].split(","))
    draft = draft_mapping(table, language)
    assert draft.asked == 0, draft.text
    columns = tomllib.loads(draft.text)["columns"]
    assert tuple(columns) == COLUMNS
    assert {name: entry["from"] for name, entry in columns.items()} == dict(
        zip(COLUMNS, table.columns, strict=True)
    )
    assert columns["tumor_size_cm"]["unit"] == "mm"
    assert columns["follow_up_months"]["unit"] == "months"
    assert columns["sex"]["levels"] == {male: "male", female: "female"}
    assert columns["death"]["levels"] == {dead: "1", alive: "0"}


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("방사선치료시작일", "최종추적일"),
        ("放疗开始日期", "末次随访日期"),
        ("照射開始日", "最終観察日"),
        ("Bestrahlungsbeginn", "Letzter Kontakt"),
        ("Début de traitement", "Date des dernières nouvelles"),
        ("Fecha de inicio", "Última visita"),
        ("Inizio trattamento", "Data ultimo follow-up"),
        ("Data de início", "Último seguimento"),
    ],
)
def test_dates_are_recognised(start, end):
    table = pd.DataFrame({"ID": ["a", "b"], start: ["2015-03-02"] * 2, end: ["2016-03-02"] * 2})
    entry = tomllib.loads(draft_mapping(table, "x").text)["columns"]["follow_up_months"]
    assert entry == {"from": end, "since": start}


def test_names_of_months_in_other_languages():
    for cell in ("2. Mai 2015", "2 mai 2015", "2 mayo 2015", "2 maggio 2015", "2 maio 2015"):
        assert as_date(cell, "").isoformat() == "2015-05-02"
