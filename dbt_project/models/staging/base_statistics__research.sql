{{ base_regional_sheet(
    'research',
    amounts={'rd_expenditure': 'rd_expenditure_yuan', 'gdp': 'gdp_yuan'},
    numbers={'rd_staff_fte': 'rd_staff_fte', 'employed_persons': 'employed_persons'},
) }}
