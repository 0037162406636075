{#- What every indicator is made of: a row per source row × indicator × role, with its place in the delivery. A trace is a filter on this. -#}
{{ config(materialized='view') }}

{%- for feed in ['statistics', 'contracts', 'tax', 'incubators', 'ledger'] %}
select
    contribution.quarter,
    contribution.region_code,
    contribution.indicator,
    {{ 'contribution.period' if feed == 'ledger' else 'contribution.quarter as period' }},
    contribution.role,
    contribution.amount,
    contribution.delivery_id,
    contribution.source_table,
    contribution.source_row,
    contribution.source_column,
    contribution.excluded_because,
    contribution.contributor
from {{ ref('int_contributions_' ~ feed) }} as contribution
{% if not loop.last %}union all{% endif %}
{%- endfor %}
