-- 047: who has been there since before 044 is ordered by the family name that was entered, as an edit
-- would do, and not by the last word of the name: Ana Garcia Lopez is no Lopez. Words that stand in
-- the name's key as they were entered are the family name's key as well. Whose family name has
-- accents, or was never entered by itself, waits for an edit.
UPDATE patients SET
    family_key = lower(replace(replace(family_name, '-', ' '), '''', ' ')) || ' ' || name_key
WHERE family_name IS NOT NULL AND family_name <> ''
    AND replace(' ' || name_key || ' ',
                ' ' || lower(replace(replace(family_name, '-', ' '), '''', ' ')) || ' ', '')
        <> ' ' || name_key || ' '
    AND family_key
        <> lower(replace(replace(family_name, '-', ' '), '''', ' ')) || ' ' || name_key;
