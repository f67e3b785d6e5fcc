{# Every listed household is poor, near-poor, neither, or not classifiable; and of the last, for one reason. #}
{% test every_household_counts_once(model) %}
    select *
    from {{ model }}
    where
        abs(
            poor_households + near_poor_households + not_poor_households + not_classifiable_households
            - listed_households
        ) > 0.000001
        or abs(
            without_score_households + without_deprivations_households - not_classifiable_households
        ) > 0.000001
{% endtest %}
