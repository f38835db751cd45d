"""
Calls that moto does not answer, with the reason. Their parameters are checked against AWS's models all the same. One
that moto answers after an update is a failure of the tests, so that it goes from here.
"""

MISSING = "moto has no such call"

UNANSWERED = {
    ("backup", "CreateBackupSelection"): MISSING,
    ("backup", "PutBackupVaultAccessPolicy"): MISSING,
    ("eks", "CreatePodIdentityAssociation"): MISSING,
    ("rds", "StartDBInstanceAutomatedBackupsReplication"): MISSING,
    ("s3", "PutBucketLogging"): "moto fails on the target's policy where everybody is its principal",
}
