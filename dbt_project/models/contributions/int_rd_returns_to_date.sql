{#- Returns of R&D expense, in each quarter that looks at them: one row per quarter × return of the year to date. The expense is cumulated by the
    taxpayer, so of the year's returns to date only the one with the latest period end counts (then the annual return over the prepayment,
    then the latest filed); a quarter therefore looks back at the year's earlier quarters. -#}

with computed_quarters as (
    {{ quarters_with('tax') }}
)

select
    computed_quarters.quarter,
    rd_return.region_code,
    coalesce(rd_return.uscc, cast(rd_return.taxpayer_id as string)) as taxpayer,
    rd_return.rd_expense_yuan,
    rd_return.delivery_id,
    rd_return.source_row,
    case
        when row_number() over (
            partition by computed_quarters.quarter, rd_return.taxpayer_id
            order by {{ counted_return_first('rd_return') }}
        ) > 1 then 'a later return of the taxpayer counts'
        when not rd_return.is_in_county then 'taxpayer outside Zhejiang'
        when rd_return.rd_expense_yuan is null then 'no value'
    end as excluded_because
from computed_quarters
inner join {{ ref('stg_tax__rd_returns') }} as rd_return
    on {{ quarter_year('computed_quarters.quarter') }} = {{ quarter_year('rd_return.quarter') }}
    and computed_quarters.quarter >= rd_return.quarter
