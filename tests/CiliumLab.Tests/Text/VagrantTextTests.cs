using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Text;

public sealed class VagrantTextTests
{
    private const string SshConfig = """
        Host k8s-ctr
          HostName 127.0.0.1
          User vagrant
          Port 60000
          UserKnownHostsFile /dev/null
          StrictHostKeyChecking no
          PasswordAuthentication no
          IdentityFile "/home/a b/.vagrant/machines/k8s-ctr/virtualbox/private_key"
          IdentityFile /home/u/.ssh/other
          IdentitiesOnly yes
          LogLevel FATAL
          PubkeyAcceptedKeyTypes +ssh-rsa
          HostKeyAlgorithms +ssh-rsa

        Host k8s-w1
          HostName 127.0.0.1
          User vagrant
          Port 60001
        """;

    [Fact]
    public void Reads_the_status_of_the_recorded_lab()
    {
        var machines = VagrantStatusText.Parse(Fixture.Open("transcript/004-vagrant-status.txt"), Unexpected.Warning).ToList();

        Assert.Equal(["k8s-ctr", "k8s-w1", "k8s-w2"], machines.Select(machine => machine.Node));
        Assert.All(machines, machine => Assert.Equal((VagrantMachineState.Running, "running", "virtualbox"), (machine.State, machine.StateText, machine.VagrantProvider)));
    }

    [Theory]
    [InlineData("not created", VagrantMachineState.NotCreated)]
    [InlineData("poweroff", VagrantMachineState.PowerOff)]
    [InlineData("aborted", VagrantMachineState.Aborted)]
    [InlineData("saved", VagrantMachineState.Saved)]
    [InlineData("gurumeditation", VagrantMachineState.Other)]
    public void Reads_every_state(string state, VagrantMachineState expected)
    {
        var text = $"Current machine states:\n\ndefault                   {state} (virtualbox)\n\nSome words for people,\nof this version.\n";

        var machine = Assert.Single(VagrantStatusText.Parse(new StringReader(text), Unexpected.Warning));

        Assert.Equal(("default", expected, state), (machine.Node, machine.State, machine.StateText));
    }

    [Fact]
    public void Reads_the_machine_readable_status()
    {
        var text = """
            1795602686,k8s-ctr,metadata,provider,virtualbox
            1795602687,k8s-ctr,provider-name,virtualbox
            1795602687,k8s-ctr,state,not_created
            1795602687,k8s-ctr,state-human-short,not created
            1795602687,k8s-ctr,state-human-long,The environment has not yet been created. Run `vagrant up` to\ncreate it%!(VAGRANT_COMMA) or not.
            1795602687,,ui,info,Current machine states:\n\nk8s-ctr                   not created (virtualbox)
            """;

        var machine = Assert.Single(VagrantStatusText.Parse(new StringReader(text), Unexpected.Warning));

        Assert.Equal(("k8s-ctr", VagrantMachineState.NotCreated, "virtualbox"), (machine.Node, machine.State, machine.VagrantProvider));
    }

    [Fact]
    public void A_line_in_the_list_that_is_no_machine_is_a_warning()
    {
        var warnings = new List<TextWarning>();

        var machines = VagrantStatusText.Parse(new StringReader("k8s-ctr  running (virtualbox)\nwhat is this\nk8s-w1  saved (virtualbox)\n"), warnings.Add).ToList();

        Assert.Equal(["k8s-ctr", "k8s-w1"], machines.Select(machine => machine.Node));
        Assert.Equal((2, "what is this"), (Assert.Single(warnings).Line, warnings[0].Text));
    }

    [Theory]
    [InlineData("A Vagrant environment or target machine is required to run this\n", "line 1")]
    [InlineData("1795601569,,error-exit,Vagrant::Errors::NoDefaultProvider,No usable default provider\\ncould be found.\n", "No usable default provider could be found.")]
    public void An_error_in_place_of_the_status_is_quoted(string text, string quoted)
    {
        var error = Assert.Throws<LabException>(() => VagrantStatusText.Parse(new StringReader(text), Unexpected.Warning).ToList());

        Assert.Equal("OutputNotUnderstood", error.ErrorId);
        Assert.Contains(quoted, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reads_how_machines_are_reached()
    {
        var hosts = VagrantSshConfigText.Parse(new StringReader(SshConfig), Unexpected.Warning).ToList();

        Assert.Equal(["k8s-ctr", "k8s-w1"], hosts.Select(host => host.Node));
        Assert.Equal(("127.0.0.1", 60000, "vagrant"), (hosts[0].HostName, hosts[0].Port, hosts[0].User));
        Assert.Equal(["/home/a b/.vagrant/machines/k8s-ctr/virtualbox/private_key", "/home/u/.ssh/other"], hosts[0].KeyPath);
        Assert.Equal(("no", "+ssh-rsa"), (hosts[0].Options["StrictHostKeyChecking"], hosts[0].Options["hostkeyalgorithms"]));
        Assert.Equal(60001, hosts[1].Port);
    }

    [Fact]
    public void What_is_printed_for_machines_and_for_people_is_read_once()
    {
        var text = "1795602688,k8s-w1,ssh-config,Host k8s-w1\\n  HostName 127.0.0.1\\n\nHost k8s-w1\n  HostName 127.0.0.1\n  Port 70000\n";
        var warnings = new List<TextWarning>();

        var host = Assert.Single(VagrantSshConfigText.Parse(new StringReader(text), warnings.Add));

        Assert.Equal(("k8s-w1", 22), (host.Node, host.Port));
        Assert.Equal((4, "70000"), (Assert.Single(warnings).Line, warnings[0].Text));
    }

    [Fact]
    public void An_error_in_place_of_the_configuration_is_quoted()
    {
        var error = Assert.Throws<LabException>(() => VagrantSshConfigText.Parse(
            new StringReader("The provider for this Vagrant-managed machine is reporting that it\n"), Unexpected.Warning).ToList());

        Assert.Contains("The provider for this Vagrant-managed machine", error.Message, StringComparison.Ordinal);
    }
}
