"""Calls that make topics, alarms and logs."""

from storage import known

ALARM = {
    "comparison_operator": "ComparisonOperator",
    "evaluation_periods": "EvaluationPeriods",
    "datapoints_to_alarm": "DatapointsToAlarm",
    "metric_name": "MetricName",
    "namespace": "Namespace",
    "period": "Period",
    "statistic": "Statistic",
    "extended_statistic": "ExtendedStatistic",
    "threshold": "Threshold",
    "threshold_metric_id": "ThresholdMetricId",
    "unit": "Unit",
    "treat_missing_data": "TreatMissingData",
    "evaluate_low_sample_count_percentiles": "EvaluateLowSampleCountPercentile",
    "actions_enabled": "ActionsEnabled",
    "alarm_actions": "AlarmActions",
    "ok_actions": "OKActions",
    "insufficient_data_actions": "InsufficientDataActions",
    "alarm_description": "AlarmDescription",
}


def cloudwatch_metric_alarm(resource):
    name = resource.take("alarm_name")
    given = {api: resource.take(argument) for argument, api in ALARM.items()}
    resource.call(
        "cloudwatch",
        "PutMetricAlarm",
        AlarmName=name,
        Dimensions=dimensions(resource.take("dimensions")),
        Metrics=[metric_query(each) for each in resource.take("metric_query", [])],
        Tags=resource.tags(),
        **given,
    )
    resource.is_known_by(id=name, name=name)


def metric_query(query):
    metric = query.get("metric")
    return known(
        {
            "Id": query["id"],
            "Expression": query.get("expression"),
            "Label": query.get("label"),
            "Period": query.get("period"),
            "AccountId": query.get("account_id"),
            "ReturnData": query.get("return_data"),
            "MetricStat": metric and metric_stat(metric),
        }
    )


def metric_stat(metric):
    return known(
        {
            "Metric": known(
                {
                    "Namespace": metric.get("namespace"),
                    "MetricName": metric["metric_name"],
                    "Dimensions": dimensions(metric.get("dimensions")),
                }
            ),
            "Period": metric["period"],
            "Stat": metric["stat"],
            "Unit": metric.get("unit"),
        }
    )


def dimensions(given):
    return [{"Name": name, "Value": value} for name, value in given.items()] if given else None


TOPIC = {
    "display_name": "DisplayName",
    "kms_master_key_id": "KmsMasterKeyId",
    "policy": "Policy",
    "signature_version": "SignatureVersion",
    "tracing_config": "TracingConfig",
}


def sns_topic(resource):
    name = resource.physical_name()
    given = {api: resource.take(argument) for argument, api in TOPIC.items()}
    attributes = {api: str(value) for api, value in given.items() if value is not None}
    tags = resource.tags()
    topic = resource.call("sns", "CreateTopic", Name=name, Attributes=attributes, Tags=tags)
    resource.is_known_by(id=topic["TopicArn"], arn=topic["TopicArn"], name=name)


def sns_topic_policy(resource):
    resource.call(
        "sns",
        "SetTopicAttributes",
        TopicArn=resource.take("arn"),
        AttributeName="Policy",
        AttributeValue=resource.take("policy"),
    )
    resource.is_known_by(id=resource.name)


def sns_topic_subscription(resource):
    resource.call(
        "sns",
        "Subscribe",
        TopicArn=resource.take("topic_arn"),
        Protocol=resource.take("protocol"),
        Endpoint=resource.take("endpoint"),
    )
    resource.is_known_by(id=resource.name)


def cloudwatch_log_group(resource):
    name = resource.physical_name()
    days = resource.take("retention_in_days")
    resource.drop("skip_destroy")
    resource.call(
        "logs",
        "CreateLogGroup",
        logGroupName=name,
        kmsKeyId=resource.take("kms_key_id"),
        logGroupClass=resource.take("log_group_class"),
        tags=resource.take("tags"),
    )
    if days:
        resource.call("logs", "PutRetentionPolicy", logGroupName=name, retentionInDays=days)
    arn = f"arn:aws:logs:{resource.region}:123456789012:log-group:{name}"
    resource.is_known_by(id=name, name=name, arn=arn)
