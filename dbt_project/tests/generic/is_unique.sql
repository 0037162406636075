{#- Fails where a key has more than one row, among the rows that this run made: then a join on it would count a score twice. -#}
{% test is_unique(model, key) %}
select {{ key | join(', ') }}
from {{ model }}
{%- if 'quarter' in key %}
where {{ in_quarters('quarter') }}
{%- elif 'period' in key %}
where {{ in_scored_quarters('period') }}
{%- endif %}
group by {{ key | join(', ') }}
having count(*) > 1
{% endtest %}
