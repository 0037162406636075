{{ base_regional_sheet(
    'industry',
    amounts={
        'ind_va_ytd': 'ind_va_ytd_yuan',
        'ht_va_ytd': 'ht_va_ytd_yuan',
        'revenue_ytd': 'revenue_ytd_yuan',
        'rd_expense_ytd': 'rd_expense_ytd_yuan',
    },
    numbers={
        'ind_va_growth': 'ind_va_growth_pct',
        'ht_va_growth': 'ht_va_growth_pct',
        'rd_expense_growth': 'rd_expense_growth_pct',
    },
) }}
