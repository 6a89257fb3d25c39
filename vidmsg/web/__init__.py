"""What every view needs: policies, headers, errors, navigation, polling, files over HTTP."""
