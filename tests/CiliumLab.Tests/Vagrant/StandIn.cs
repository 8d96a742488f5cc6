namespace CiliumLab.Tests.Vagrant;

/// <summary>Programs that stand where real ones are looked for, and say what real ones were seen to say.</summary>
internal static class StandIn
{
    /// <summary>Writes a program.</summary>
    /// <param name="folder">Its folder, made when there is none.</param>
    /// <param name="name">Its name.</param>
    /// <param name="script">What it does, as a shell script.</param>
    public static void Write(string folder, string name, string script)
    {
        var file = Path.Combine(Directory.CreateDirectory(folder).FullName, name);
        File.WriteAllText(file, $"#!/bin/bash\n{script}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
